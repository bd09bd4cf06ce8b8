/** Names of attacks and of methods of attribution, as papers write them. */
const NAMES: ReadonlyMap<string, readonly [name: string, how: string]> = new Map([
  ["fgsm", ["FGSM", "one step against the prediction, the same for each pixel"]],
  ["pgd-linf", ["PGD, L∞", "small steps against the prediction, no pixel changed by more than a bound"]],
  ["pgd-l2", ["PGD, L2", "small steps against the prediction, the whole change no longer than a bound"]],
  ["deepfool", ["DeepFool", "steps straight to the nearest boundary between classes"]],
  ["grad-cam", ["Grad-CAM", "channels of the last convolution, weighted by their gradients"]],
  ["integrated-gradients", ["Integrated gradients", "gradients summed on the way from the mean colour to this image"]],
  ["occlusion", ["Occlusion", "how far the prediction falls where a patch is covered"]],
]);

/** A method's name in print; one that is not known keeps its own. */
export function methodTitle(method: string): string {
  return NAMES.get(method.replaceAll("_", "-"))?.[0] ?? method.replaceAll("_", " ");
}

/** What a method does, in a phrase; empty where it is not known. */
export function methodHow(method: string): string {
  return NAMES.get(method.replaceAll("_", "-"))?.[1] ?? "";
}
