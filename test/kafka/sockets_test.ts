import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { test } from "node:test";
import type { ISocketFactory } from "kafkajs";
import { createSocket } from "../../src/kafka/sockets.ts";
import { FramePool } from "../../src/record/frame_pool.ts";
import { FrameSockets } from "../../src/source/kafka/frame_sockets.ts";

const FACTORIES: Record<string, ISocketFactory> = {
  "createSocket()": createSocket as ISocketFactory,
  "FrameSockets.create": new FrameSockets(new FramePool()).create,
};

for (const [name, create] of Object.entries(FACTORIES)) {
  test(`${name}: a socket that failed collects no listeners`, async () => {
    const refused = { host: "127.0.0.1", port: 1, ssl: null as never };
    const socket = create({ ...refused, onConnect: () => {} }) as Socket;
    socket.on("error", () => {});
    await new Promise((resolve) => socket.once("close", resolve));
    const before = socket.listenerCount("connect");
    // As kafkajs does at each attempt of an outage.
    for (let i = 0; i < 20; i++) socket.end().unref();
    assert.equal(socket.listenerCount("connect"), before);
  });
}
