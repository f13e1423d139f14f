/** One fault of a document; `pointer` is a JSON pointer (RFC 6901) into it. The contracts' faults have this shape. */
export interface Fault {
  readonly pointer: string;
  readonly detail: string;
}
