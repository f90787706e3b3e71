// The nonce that the page's policy allows styles with; CodeMirror and Radix ask for it.
export function nonce(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? "";
}
