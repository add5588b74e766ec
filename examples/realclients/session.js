// A whole session of node-opcua's client with a live device, and a lost one.
//
//   npm install
//   go run ../../cmd/plimsoll serve &
//   node session.js opc.tcp://127.0.0.1:4840 http://127.0.0.1:4841
//
// It connects, browses, reads, writes and subscribes; pulls the cable by the HTTP
// interface of plimsoll serve and looks at what the device then holds; lets time
// pass faster until that is given back; plugs the cable in and connects anew. It
// ends with exit code 0 only if all of that went as it should.
"use strict";

const assert = require("node:assert");
const {
  AttributeIds, ClientMonitoredItem, ClientSubscription, DataType, MessageSecurityMode, OPCUAClient,
  SecurityPolicy, TimestampsToReturn,
} = require("node-opcua-client");

const endpoint = process.argv[2] ?? "opc.tcp://127.0.0.1:4840";
const control = process.argv[3] ?? "http://127.0.0.1:4841";

const temperature = "ns=1;s=temperature";
const relay = "ns=1;s=Control Relay number 0.";
const patience = 60_000; // ms that a step may take on a slow machine

async function ask(method, path, body) {
  const answer = await fetch(control + path, {
    method,
    headers: body ? { "Content-Type": "application/json" } : {},
    body: body ? JSON.stringify(body) : undefined,
  });
  const value = await answer.json();
  assert.ok(answer.ok, `${method} ${path}: ${JSON.stringify(value)}`);
  return value;
}

const stats = () => ask("GET", "/stats");

async function until(what, f) {
  const end = Date.now() + patience;
  for (;;) {
    const value = await f();
    if (value) return value;
    assert.ok(Date.now() < end, `waiting: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function show(what, s) {
  const held = s.held.reduce((sum, h) => sum + h.bytes, 0);
  console.log(`${what}: ${s.free} bytes free, largest block ${s.largest}, ${held} held more than when ready; ` +
    `${s.server.sessions} sessions, ${s.server.subscriptions} subscriptions, ${s.pcbs.length - 1} connections in lwIP`);
}

function newClient() {
  return OPCUAClient.create({
    applicationName: "plimsoll-realclients",
    endpointMustExist: false,
    securityMode: MessageSecurityMode.None,
    securityPolicy: SecurityPolicy.None,
    requestedSessionTimeout: 60_000,
    transportTimeout: patience,
    connectionStrategy: { maxRetry: 0, initialDelay: 100, maxDelay: 1000 },
    keepSessionAlive: false,
  });
}

async function subscribe(session) {
  const subscription = ClientSubscription.create(session, {
    requestedPublishingInterval: 250,
    requestedLifetimeCount: 60,
    requestedMaxKeepAliveCount: 10,
    maxNotificationsPerPublish: 10,
    publishingEnabled: true,
    priority: 0,
  });
  const item = ClientMonitoredItem.create(
    subscription,
    { nodeId: temperature, attributeId: AttributeIds.Value },
    { samplingInterval: 250, discardOldest: true, queueSize: 1 },
    TimestampsToReturn.Both,
  );
  const values = [];
  item.on("changed", (value) => values.push(value.value.value));
  await until("three changes of the temperature", () => values.length >= 3);
  console.log("subscribed, the temperature came as", values.slice(0, 3).map((v) => v.toFixed(1)).join(", "));
  return subscription;
}

async function use(session) {
  const folder = await session.browse("ObjectsFolder");
  const names = folder.references.map((r) => r.nodeId.toString());
  console.log("browsed", names.length, "references of the Objects folder");
  for (const node of [temperature, relay]) assert.ok(names.includes(node), `${node} in ${names}`);
  const value = await session.read({ nodeId: temperature, attributeId: AttributeIds.Value });
  assert.ok(value.statusCode.isGood());
  console.log("read the temperature:", value.value.value.toFixed(1));
  const status = await session.write({
    nodeId: relay,
    attributeId: AttributeIds.Value,
    value: { value: { dataType: DataType.Boolean, value: true } },
  });
  assert.ok(status.isGood(), status.toString());
  console.log("wrote the relay");
}

async function main() {
  const before = await stats();
  show("before", before);

  let client = newClient();
  await client.connect(endpoint);
  for (const e of await client.getEndpoints()) assert.strictEqual(e.endpointUrl, endpoint);
  let session = await client.createSession();
  await use(session);
  let subscription = await subscribe(session);
  await subscription.terminate();
  await session.close();
  await client.disconnect();
  await ask("POST", "/speed", { speed: 600 });
  show("after a session that was closed", await until("the memory is back", returned));

  await ask("POST", "/speed", { speed: 1 });
  client = newClient();
  await client.connect(endpoint);
  session = await client.createSession();
  await subscribe(session);
  show("in the second session", await stats());
  await ask("POST", "/pull");
  lose(client);
  await until("the client is gone", async () => (await stats()).connections.every((c) => c.state !== "ESTABLISHED"));
  const lost = await stats();
  show("after the cable was pulled and the client has gone", lost);
  assert.ok(lost.free < before.free && lost.server.sessions === 1);
  await ask("POST", "/speed", { speed: 600 });
  show("when the device's timers have ended", await until("the memory is back", returned));
  await ask("POST", "/speed", { speed: 1 });

  await ask("POST", "/plug");
  client = newClient();
  await client.connect(endpoint);
  session = await client.createSession();
  await use(session);
  await session.close();
  await client.disconnect();
  console.log("ok");
}

// lose ends the client's connection without a word of OPC UA, as when its process
// is killed.
function lose(client) {
  const channel = client._secureChannel ?? client.secureChannel;
  const socket = (channel?.getTransport?.() ?? channel?._transport)?._socket;
  assert.ok(socket, "the socket of node-opcua's client");
  client.on("connection_lost", () => {});
  socket.destroy();
}

// returned gives the state if all memory is back: lwIP's timer may have taken a
// place a little larger.
async function returned() {
  const s = await stats();
  const bytes = s.held.reduce((sum, h) => sum + h.bytes, 0);
  const blocks = s.held.reduce((sum, h) => sum + h.blocks, 0);
  return blocks === 0 && bytes <= 16 && s.server.sessions === 0 ? s : undefined;
}

main().then(
  () => process.exit(0),
  (err) => {
    console.error(err);
    process.exit(1);
  },
);
