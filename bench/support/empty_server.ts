import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

// Reads each body and answers: what HTTP alone costs on Node.

const ANSWER = '{"accepted":1}';
const HEADERS = {
  "content-type": "application/json",
  "content-length": ANSWER.length,
};

const server = createServer((request, response) => {
  request.resume().on("end", () => {
    response.writeHead(202, HEADERS).end(ANSWER);
  });
});
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo;
  process.stderr.write(`listening at http://127.0.0.1:${port}\n`);
});
