// Speaks Lambda's Runtime API, one event after the other: `node bootstrap.mjs HANDLER`.
import { Agent, request } from "node:http";
import { pathToFileURL } from "node:url";

const [hostname, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

function call(method, path, body) {
  return new Promise((resolve, reject) => {
    const options = { hostname, port, agent, method, path: `/2018-06-01/runtime/${path}` };
    const sent = request(options, (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (part) => (text += part));
      answer.on("end", () => resolve({ headers: answer.headers, text }));
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

const described = (error) => JSON.stringify({ errorType: error.name, errorMessage: error.message });

let handler;
try {
  const module = await import(pathToFileURL(process.argv[2]).href);
  handler = module.handler ?? module.default.handler;
} catch (error) {
  await call("POST", "init/error", described(error));
  throw error;
}

for (;;) {
  const next = await call("GET", "invocation/next");
  const id = next.headers["lambda-runtime-aws-request-id"];
  try {
    const answer = await handler(JSON.parse(next.text), { awsRequestId: id });
    await call("POST", `invocation/${id}/response`, JSON.stringify(answer));
  } catch (error) {
    await call("POST", `invocation/${id}/error`, described(error));
  }
}
