import { z } from "zod";

// Of more than one part of a recipe.

export const count = z.int().min(1);
export const rate = z.number().min(0).lt(1);
export const positive = z.number().gt(0);
export const fileName = z.string().min(1);
