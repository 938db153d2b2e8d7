// Who is calling: one read of the account's item, which holds the sessions.
import { createHash, timingSafeEqual } from "node:crypto";
import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";

export const dynamodb = new DynamoDBClient({});
export const table = process.env.TABLE_NAME;

const LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

export function ulid(bytes) {
  let number = BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
  let text = "";
  for (let letter = 0; letter < 26; letter += 1) {
    text = LETTERS[Number(number & 31n)] + text;
    number >>= 5n;
  }
  return text;
}

export async function caller(event) {
  const [scheme, token = ""] = (event.headers.authorization ?? "").split(" ");
  const digits = /^alai_([0-9a-f]{128})$/.exec(token)?.[1];
  if (scheme.toLowerCase() !== "bearer" || !digits) return undefined;
  const bytes = Buffer.from(digits, "hex");
  const user = `user_${ulid(bytes.subarray(0, 16))}`;
  const answer = await dynamodb.send(
    new GetItemCommand({ TableName: table, Key: { PK: { S: `USER#${user}` }, SK: { S: "ACCOUNT" } } }),
  );
  const session = answer.Item?.sessions?.M[`sess_${ulid(bytes.subarray(16, 32))}`]?.M;
  if (!session) return undefined;
  const digest = createHash("sha256").update(bytes.subarray(32)).digest("hex");
  const isOpen = timingSafeEqual(Buffer.from(digest), Buffer.from(session.digest.S));
  return isOpen && Date.parse(session.until.S) > Date.now() ? answer.Item : undefined;
}

export function json(event, context, status, body) {
  console.log(JSON.stringify({ level: "INFO", message: "answered", route: event.routeKey, status }));
  return {
    statusCode: status,
    headers: {
      "content-type": "application/json",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      "x-request-id": context.awsRequestId,
    },
    body: JSON.stringify(body),
  };
}
