/** The built bundle; the bundler puts it here. */
declare module "worker-under-test" {
  const worker: ExportedHandler<Env> & { fetch: ExportedHandlerFetchHandler<Env> };
  export default worker;
}
