/**
 * Header of an answer, and event of a log line: how often that request or scheduled run went to D1. Not in the counting
 * entry itself, because workerd takes nothing but handlers as a Worker's exports.
 */
export const ROUND_TRIPS = "X-Test-Round-Trips";
