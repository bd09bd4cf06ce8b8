/** Lets a `<details>` that opens over the page close by Escape and by a click beside it. */
export function closing(details: HTMLDetailsElement): () => void {
  const beside = (event: Event): void => {
    if (!details.contains(event.target as Node)) details.open = false;
  };
  const escape = (event: KeyboardEvent): void => {
    if (event.key !== "Escape" || !details.open) return;
    details.open = false;
    details.querySelector("summary")?.focus();
    event.stopPropagation();
  };
  document.addEventListener("pointerdown", beside);
  details.addEventListener("keydown", escape);
  return () => {
    document.removeEventListener("pointerdown", beside);
    details.removeEventListener("keydown", escape);
  };
}
