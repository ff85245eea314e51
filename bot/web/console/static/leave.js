// Who is not signed in any more is told so, and led to where one signs in.

/** What a page says that asks by itself: a session that nobody uses ends all the same. */
export const UNATTENDED = { "X-Unattended": "1" };

const A_MOMENT = 400; // A new cookie, such as that of a new password, is here after it.
const ONCE = 5000; // All that finds out in this time is one leaving.
let leftAt = 0;

/** Whether this page is of nobody any more: somebody may have chosen to stay on it. */
export const hasLeft = () => leftAt > 0;

/** Go to the page for signing in; afterwards it leads back to this one. */
export function leave() {
  if (Date.now() - leftAt < ONCE) return;
  leftAt = Date.now();
  const here = encodeURIComponent(location.pathname + location.search);
  location.replace(`/console/sign-in?over=1&next=${here}`);
}

/** Fetch as whoever is signed in. Nobody is: leave, and return that answer. */
export async function fetched(address, options) {
  let answer = await fetch(address, options);
  if (answer.status !== 401) return answer;
  await new Promise((resolve) => setTimeout(resolve, A_MOMENT));
  answer = await fetch(address, options);
  if (answer.status === 401) leave();
  return answer;
}
