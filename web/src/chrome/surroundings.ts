const darkWanted = matchMedia("(prefers-color-scheme: dark)");

/** Whether what lies around is dark: the theme that JupyterLab shows, else what the system asks for. */
export function isDarkAround(): boolean {
  const { jpThemeLight } = document.body.dataset;
  return jpThemeLight === undefined ? darkWanted.matches : jpThemeLight === "false";
}

/** Tells each time that may have changed; what is returned stops it. */
export function onDarkAround(tell: (dark: boolean) => void): () => void {
  const follow = (): void => tell(isDarkAround());
  const themed = new MutationObserver(follow);
  themed.observe(document.body, { attributeFilter: ["data-jp-theme-light"] });
  darkWanted.addEventListener("change", follow);
  return () => {
    themed.disconnect();
    darkWanted.removeEventListener("change", follow);
  };
}
