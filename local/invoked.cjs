// What `invoke local` calls in the place of the built handler: the plugin puts the handler and what surrounds it here
// (serverless loads it by path, from the same module cache).

let run;

module.exports = {
  use(runEvent) {
    run = runEvent;
  },
  handler: (event, context) => run(event, context),
};
