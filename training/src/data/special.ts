/** Token ids that are the same in every vocabulary. */
export const PAD = 0;
export const UNK = 1;
export const BOS = 2;
export const EOS = 3;

export const SPECIAL = { pad: PAD, unk: UNK, bos: BOS, eos: EOS } as const;
