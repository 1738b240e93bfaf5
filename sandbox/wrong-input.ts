/** What the sandbox was given to start with cannot be used: the message is a sentence that says what is wrong, and what to do. */
export class WrongInput extends Error {
  override readonly name = 'WrongInput';
}
