import { untrack } from "svelte";
import { inWords } from "../source/source.ts";

export interface Loaded<T> {
  /** What came last; it stays while the next is on its way. */
  readonly value: T | undefined;
  /** Why there is nothing, for the reader; empty where there is. */
  readonly words: string;
  readonly waiting: boolean;
}

/** Asks anew whenever what `ask` reads changes; an answer that is no longer wanted is dropped. */
export function loaded<T>(ask: () => Promise<T> | undefined): Loaded<T> {
  let state = $state.raw<{ value?: T; words: string; waiting: boolean }>({ words: "", waiting: false });
  $effect(() => {
    const answer = ask();
    if (!answer) {
      state = { words: "", waiting: false };
      return;
    }
    let wanted = true;
    state = { ...untrack(() => state), waiting: true };
    answer.then(
      (value) => wanted && (state = { value, words: "", waiting: false }),
      (error: unknown) => wanted && (state = { words: inWords(error), waiting: false }),
    );
    return () => {
      wanted = false;
    };
  });
  return {
    get value() {
      return state.value;
    },
    get words() {
      return state.words;
    },
    get waiting() {
      return state.waiting;
    },
  };
}
