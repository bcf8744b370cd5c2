import type { Random } from "./random.ts";

const REFERRALS = [
  "Google Search",
  "Google Ads",
  "Twitter",
  "Facebook",
  "LinkedIn",
  "YouTube",
  "Medium",
  "StackOverflow",
  null,
];
const AD_IDS = [null, null, null, "ad 1", "ad 2", "ad 3", "ad 4", "ad 5"];
const FIRST_NAMES = [
  "anna",
  "brandon",
  "carla",
  "david",
  "emily",
  "frank",
  "grace",
  "henry",
  "isabel",
  "joshua",
  "kimberly",
  "laura",
  "michael",
  "nicole",
  "oscar",
  "patricia",
];
const LAST_NAMES = [
  "adams",
  "brown",
  "clark",
  "davis",
  "evans",
  "garcia",
  "johnson",
  "lopez",
  "martinez",
  "nguyen",
  "ortiz",
  "rodriguez",
  "smith",
  "taylor",
  "walker",
  "young",
];
const BROWSERS = ["Chrome", "Firefox", "Safari"];
const BROWSER_VERSIONS = ["20.1", "20.2", "21.0", "22.0", "23.2", "24.11"];
const NETWORK_TYPES = ["5G", "4G", "Wi-Fi", "LAN"];
const DEVICE_TYPES = ["PC", "MacBook", "iPad", "Smartphone", "iPhone"];
const DEVICE_VERSIONS = ["1.0", "2.0", "3.0", "4.0", "5.0", "6.0"];
const MS_PER_DAY = 86_400_000;

/**
 * The `"context": {…}` member of a visit, as JSON text with the spacing of
 * Python's `json.dumps`. Connections date from the 30 days before `startTimeMs`.
 */
export function renderVisitContext(
  random: Random,
  startTimeMs: number,
): string {
  const user = renderUser(random, startTimeMs);
  const technical =
    `{"browser": "${random.pick(BROWSERS)}"` +
    `, "browser_version": "${random.pick(BROWSER_VERSIONS)}"` +
    `, "network_type": "${random.pick(NETWORK_TYPES)}"` +
    `, "device_type": "${random.pick(DEVICE_TYPES)}"` +
    `, "device_version": "${random.pick(DEVICE_VERSIONS)}"}`;
  return (
    `"context": {"referral": ${JSON.stringify(random.pick(REFERRALS))}` +
    `, "ad_id": ${JSON.stringify(random.pick(AD_IDS))}` +
    `, "user": ${user}, "technical": ${technical}}`
  );
}

function renderUser(random: Random, startTimeMs: number): string {
  const ip = [
    random.between(1, 223),
    random.between(0, 255),
    random.between(0, 255),
    random.between(1, 254),
  ].join(".");
  const login =
    random.pick(FIRST_NAMES) + random.pick(LAST_NAMES) + random.below(100);
  const since = startTimeMs - random.between(1, 30) * MS_PER_DAY;
  const connectedSince =
    random.below(3) === 0
      ? `"${new Date(since).toISOString().slice(0, 19)}+00:00"`
      : "null";
  return `{"ip": "${ip}", "login": "${login}", "connected_since": ${connectedSince}}`;
}
