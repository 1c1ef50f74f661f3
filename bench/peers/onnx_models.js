// ONNX models of one linear layer, written byte by byte in the protobuf form of onnx.proto.
"use strict";

const FLOAT = 1, INT8 = 3;

// Protobuf: a varint, a field of a number, a field of bytes (also strings and messages).
function varint(value) {
  const bytes = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push(value % 128 + 128);
  return Buffer.from([...bytes, value]);
}
const number = (field, value) => Buffer.concat([varint(field * 8), varint(value)]);
const bytes = (field, content) => Buffer.concat([varint(field * 8 + 2), varint(content.length), content]);
const text = (field, content) => bytes(field, Buffer.from(content));
const message = (field, ...parts) => bytes(field, Buffer.concat(parts));

// GraphProto.node, initializer, input and output; AttributeProto of an integer.
const node = (type, inputs, outputs, ...attributes) =>
  message(1, ...inputs.map(name => text(1, name)), ...outputs.map(name => text(2, name)), text(4, type), ...attributes);
const integer = (name, value) => message(5, text(1, name), number(3, value), number(20, 2));
const constant = (name, type, shape, values) =>
  message(5, ...shape.map(extent => number(1, extent)), number(2, type), text(8, name), bytes(9, Buffer.from(values.buffer, values.byteOffset, values.byteLength)));
const value = (field, name, shape) =>
  message(field, text(1, name), message(2, message(1, number(1, FLOAT), message(2, ...shape.map(extent => message(1, number(1, extent)))))));

const model = (...graph) =>
  Buffer.concat([number(1, 8), message(7, ...graph, text(2, "linear")), message(8, text(1, ""), number(2, 13))]);

/** y = x w + b, all fp32. */
function matmul(rows, depth, columns, weights, bias) {
  return model(
    node("MatMul", ["x", "w"], ["product"]),
    node("Add", ["product", "b"], ["y"]),
    constant("w", FLOAT, [depth, columns], weights),
    constant("b", FLOAT, [columns], bias),
    value(11, "x", [rows, depth]),
    value(12, "y", [rows, columns]));
}

/** The same as ONNX Runtime's own dynamic quantisation writes it: activations u8 by tensor as they come, weights s8 by tensor. */
function quantisedMatmul(rows, depth, columns, weights, bias) {
  const largest = weights.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0);
  const scale = largest / 127;
  return model(
    node("DynamicQuantizeLinear", ["x"], ["x8", "x_scale", "x_zero"]),
    node("MatMulInteger", ["x8", "w8", "x_zero", "w_zero"], ["sums"]),
    node("Cast", ["sums"], ["sums_float"], integer("to", FLOAT)),
    node("Mul", ["x_scale", "w_scale"], ["scale"]),
    node("Mul", ["sums_float", "scale"], ["product"]),
    node("Add", ["product", "b"], ["y"]),
    constant("w8", INT8, [depth, columns], Int8Array.from(weights, weight => Math.round(weight / scale))),
    constant("w_zero", INT8, [], new Int8Array([0])),
    constant("w_scale", FLOAT, [], new Float32Array([scale])),
    constant("b", FLOAT, [columns], bias),
    value(11, "x", [rows, depth]),
    value(12, "y", [rows, columns]));
}

module.exports = { matmul, quantisedMatmul };
