/** What stands between the nonce of a producer and its count. */
const SEPARATOR = '~';
/** Nine letters or digits (a nonce) and the separator: ids that begin so are minted, and nobody may give one. */
const MINTED = /^[0-9A-Za-z]{9}~/;

/** The id of the `count`th job of the producer that has drawn this nonce. Short, as each job is stored with it. */
export function mintedId(nonce: string, count: number): string {
  return `${nonce}${SEPARATOR}${count.toString(36)}`;
}

/**
 * Whether an id has the form of minted ones. Who sees one can tell the next of the same producer, and adding under a
 * minted id does not look whether it is free: such an id of one's own could take another job's place.
 */
export function hasMintedForm(id: string): boolean {
  return MINTED.test(id);
}
