/** A failure that the person at the terminal can mend; its message is all they need, so no stack is printed. */
export class StartFailure extends Error {
  override name = "StartFailure";
}
