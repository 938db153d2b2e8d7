// GET /api/auth/me
import { caller, json } from "./account.mjs";

// What a plan opens; the one that opens most counts.
const WORTH = ["basic", "pro", "premium", "full_access"];

function current(grants) {
  const running = Object.values(grants ?? {})
    .map(({ M: grant }) => ({ plan: grant.plan.S, until: grant.until && Number(grant.until.N) }))
    .filter(({ until }) => !until || until > Date.now());
  running.sort((one, other) => WORTH.indexOf(other.plan) - WORTH.indexOf(one.plan));
  return running[0]?.plan;
}

export async function handler(event, context) {
  const account = await caller(event);
  if (!account) return json(event, context, 401, { error: "Sign in first." });
  const plan = current(account.grants?.M);
  return json(event, context, 200, {
    user: {
      id: account.id.S,
      email: account.email.S,
      emailVerified: account.emailVerified?.BOOL ?? false,
      name: account.name.S,
      userType: account.role.S,
      subscriptionTier: plan ?? "free",
      subscriptionStatus: plan ? "active" : "inactive",
    },
  });
}
