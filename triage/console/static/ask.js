// Asking the desk for a part of the page. Whatever is not the part is a failure, and so is no answer in time.
const PATIENCE_MS = 10_000;

export async function ask(address) {
  const answer = await fetch(address, { signal: AbortSignal.timeout(PATIENCE_MS) });
  if (!answer.ok) throw new Error(`${address} answered ${answer.status}`);
  return answer;
}
