// POST /api/payments/create-checkout, for the plan `basic`
import { randomBytes } from "node:crypto";
import { TransactWriteItemsCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import Stripe from "stripe";
import { caller, dynamodb, json, table, ulid } from "./account.mjs";

const PLANS = { basic: { name: "Basic", summary: "7 days, 5 analyses", price: 999 } };

const api = new URL(process.env.STRIPE_API_URL);
const stripe = new Stripe(process.env.STRIPE_SECRET_KEY, {
  protocol: api.protocol.slice(0, -1),
  host: api.hostname,
  port: api.port || 443,
  timeout: 6000,
  maxNetworkRetries: 2,
  telemetry: false,
});

function purchaseId(now) {
  const time = Buffer.alloc(6);
  time.writeUIntBE(now, 0, 6);
  return `purch_${ulid(Buffer.concat([time, randomBytes(10)]))}`;
}

async function start(user, purchase, planId, plan, now) {
  const item = {
    PK: { S: `USER#${user}` },
    SK: { S: `PURCHASE#${purchase}` },
    entity: { S: "Purchase" },
    version: { N: "1" },
    createdAt: { S: now },
    updatedAt: { S: now },
    startedAt: { S: now },
    id: { S: purchase },
    user: { S: user },
    plan: { S: planId },
    amount: { N: String(plan.price) },
    status: { S: "pending" },
  };
  const count = {
    TableName: table,
    Key: { PK: { S: `USER#${user}` }, SK: { S: "ACCOUNT" } },
    UpdateExpression: "ADD purchases :one",
    ConditionExpression: "attribute_exists(PK)",
    ExpressionAttributeValues: { ":one": { N: "1" } },
  };
  const create = { TableName: table, Item: item, ConditionExpression: "attribute_not_exists(PK)" };
  await dynamodb.send(new TransactWriteItemsCommand({ TransactItems: [{ Put: create }, { Update: count }] }));
}

function page(user, email, purchase, plan) {
  const metadata = { purchase_id: purchase, user_id: user };
  const order = {
    mode: "payment",
    client_reference_id: purchase,
    customer_email: email,
    line_items: [
      {
        quantity: 1,
        price_data: {
          currency: "usd",
          unit_amount: plan.price,
          product_data: { name: `Apartment Locator AI: ${plan.name}`, description: plan.summary },
        },
      },
    ],
    metadata,
    payment_intent_data: { metadata: { ...metadata, on_page: "true" } },
    success_url: `${process.env.WEB_URL}/payment-success?session_id={CHECKOUT_SESSION_ID}`,
    cancel_url: `${process.env.WEB_URL}/pricing?canceled=true`,
  };
  return stripe.checkout.sessions.create(order, { idempotencyKey: `checkout:${purchase}` });
}

async function attach(user, purchase, session) {
  await dynamodb.send(
    new UpdateItemCommand({
      TableName: table,
      Key: { PK: { S: `USER#${user}` }, SK: { S: `PURCHASE#${purchase}` } },
      UpdateExpression: "SET checkoutSession = :session, updatedAt = :now ADD version :one",
      ConditionExpression: "attribute_exists(PK)",
      ExpressionAttributeValues: {
        ":session": { S: session },
        ":now": { S: new Date().toISOString() },
        ":one": { N: "1" },
      },
    }),
  );
}

export async function handler(event, context) {
  const account = await caller(event);
  if (!account) return json(event, context, 401, { error: "Sign in first." });
  const text = event.isBase64Encoded ? Buffer.from(event.body, "base64").toString() : event.body;
  const { planId } = JSON.parse(text);
  const plan = PLANS[planId];
  if (!plan) return json(event, context, 400, { error: "planId must be a plan that is paid once." });
  const user = account.id.S;
  const purchase = purchaseId(Date.now());
  await start(user, purchase, planId, plan, new Date().toISOString());
  const session = await page(user, account.email.S, purchase, plan);
  await attach(user, purchase, session.id);
  return json(event, context, 200, {
    url: session.url,
    sessionId: session.id,
    purchaseId: purchase,
    customerId: null,
  });
}
