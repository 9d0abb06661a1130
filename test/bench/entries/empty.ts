/** A Worker that does nothing: what the runtime costs by itself. */
export default { fetch: () => new Response("ok") } satisfies ExportedHandler;
