// Bearer tokens for Bedrock, made from the role's credentials. client.ts loads this file with `import()`: the package is
// CommonJS, and bundled a dynamic import of it has no named exports.

import { getTokenProvider } from "@aws/bedrock-token-generator";

export const tokenProvider = (region: string): (() => Promise<string>) => getTokenProvider({ region });
