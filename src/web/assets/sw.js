// Keeps a hand share's confirmation while there is no network, and the card it was made on.
"use strict";
const CARDS = "cards-1";
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (e) => e.waitUntil(self.clients.claim()));
const kept = (url) => url.pathname === "/" || url.pathname.startsWith("/hand") || url.pathname.startsWith("/assets/");
self.addEventListener("fetch", (e) => {
  const url = new URL(e.request.url);
  if (e.request.method !== "GET" || url.origin !== self.location.origin || !kept(url)) return;
  // The network first; what was seen last only where there is none.
  e.respondWith((async () => {
    const cards = await caches.open(CARDS);
    try {
      const answer = await fetch(e.request);
      if (answer.ok && !answer.redirected) await cards.put(e.request, answer.clone());
      return answer;
    } catch (error) {
      const seen = await cards.match(e.request);
      if (seen) return seen;
      throw error;
    }
  })());
});
// Whoever logs out leaves nothing behind.
self.addEventListener("message", (e) => { if (e.data === "forget") e.waitUntil(caches.delete(CARDS)); });
