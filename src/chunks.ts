// A list in pieces: batches for services that take so many at once, rows of buttons, the part that a result has room for.

/** In order, each but the last of `size`. */
export const chunksOf = <Value>(values: readonly Value[], size: number): Value[][] =>
  Array.from({ length: Math.ceil(values.length / size) }, (_, index) =>
    values.slice(index * size, (index + 1) * size),
  );

/** The first ones, as many as fit into `room` together. */
export const asManyAsFit = <Value>(
  values: readonly Value[],
  room: number,
  sizeOf: (value: Value) => number,
): readonly Value[] => {
  let left = room;
  const over = values.findIndex((value) => {
    left -= sizeOf(value);
    return left < 0;
  });
  return over === -1 ? values : values.slice(0, over);
};
