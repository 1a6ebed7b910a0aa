/**
 * Characters that show nothing, or show other text in another order than it is: control and format characters, line separators,
 * marks that turn the direction of writing (Trojan Source), spaces without width, tags, fillers, halves of a character. Whoever writes
 * foreign text out replaces them.
 */
export const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu;
