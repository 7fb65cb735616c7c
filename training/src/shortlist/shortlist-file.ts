/** The name of a shortlist's file in a bundle. */
export const SHORTLIST_FILE = "shortlist.bin";
