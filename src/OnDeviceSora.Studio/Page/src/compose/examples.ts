/** Prompts from the world that the embedded model knows. */
export const examples = [
  'a big red circle moving left over the sea',
  'a small yellow star rising over the meadow',
  'a white ring falling and a blue square growing at night',
  'a green ring circling over the desert',
];
