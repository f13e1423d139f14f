/**
 * Lets the requests of one wallet wait for each other here, and not each with a connection at the wallet's row: a member
 * who is asked for a hundred times at once must not take the pool from the others. The row's lock stays what makes a race
 * impossible; other instances have turns of their own.
 */
export class WalletTurns {
  private readonly last = new Map<string, Promise<unknown>>();

  async take<Result>(wallet: string, work: () => Promise<Result>): Promise<Result> {
    const before = this.last.get(wallet) ?? Promise.resolve();
    const turn = before.then(work, work);
    this.last.set(wallet, turn);
    try {
      return await turn;
    } finally {
      if (this.last.get(wallet) === turn) this.last.delete(wallet);
    }
  }
}
