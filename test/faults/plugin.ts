// The plugin that the runs' home has: tools whose every real run is seen outside. What may be
// repeated is tried once more where the answer is lost; `launch` must not be repeated.

export const PLUGIN = `
  export function register(host) {
    const tool = (name, repeatable) =>
      host.addTool({
        name,
        description: "Does something outside, and says that it did.",
        parameters: { type: "object", properties: { n: { type: "integer" } } },
        toolset: "faults",
        parallel: repeatable,
        repeatable,
        run: async ({ n }) => {
          const once = async () => {
            const answer = await fetch(process.env.FAULTS_TOOLS + "/" + name + "/" + n, { method: "POST" });
            return { text: await answer.text() };
          };
          return repeatable ? once().catch(once) : once();
        },
      });
    tool("peek", true);
    tool("nap", true);
    tool("launch", false);
  }
`;
