// The same work in ONNX Runtime (npm package onnxruntime-node), for side-by-side timing.
//
// Usage: node onnxruntime_peer.js "matmul 5124x1152x4608" fp32|int8 THREADS
// Protocol: prints "ready SECONDS" once the work is set up and warm, with what a run will take; then for every line read from
// standard input, runs the work once and prints the seconds it took. Ends with the input. With --check, only says "ready".
"use strict";
const readline = require("node:readline");
const ort = require("onnxruntime-node");
const { matmul, quantisedMatmul } = require("./onnx_models.js");

function randoms(count, scale) {
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) values[i] = scale * (Math.random() + Math.random() + Math.random() + Math.random() - 2);
  return values;
}

async function prepare(work, precision, threads) {
  const [rows, depth, columns] = work.split(" ").at(-1).split("x").map(Number);
  const build = { fp32: matmul, int8: quantisedMatmul }[precision];
  const model = build(rows, depth, columns, randoms(depth * columns, 0.02), randoms(columns, 1));
  const session = await ort.InferenceSession.create(model, {
    executionProviders: ["cpu"],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: "all",
  });
  const feeds = { x: new ort.Tensor("float32", randoms(rows * depth, 1.7), [rows, depth]) };
  return async () => {
    const start = process.hrtime.bigint();
    await session.run(feeds);
    return Number(process.hrtime.bigint() - start) / 1e9;
  };
}

async function main() {
  if (process.argv[2] === "--check") return console.log("ready");
  const run = await prepare(process.argv[2], process.argv[3], Number(process.argv[4]));
  await run();
  console.log(`ready ${await run()}`);
  for await (const _ of readline.createInterface({ input: process.stdin })) console.log(await run());
}

main().then(() => process.exit(0), error => {
  console.error(String(error.message ?? error));
  process.exit(1);
});
