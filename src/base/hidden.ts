/**
 * Characters that show nothing, or show other text in another order than it is: control characters, line separators, marks that
 * turn the direction of writing (Trojan Source), spaces without width. Whoever writes foreign text out replaces them.
 */
export const HIDDEN =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;
