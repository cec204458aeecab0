// The documented rules a request must keep. "model" is botocore's bedrock-agent/2023-06-05 and
// bedrock-agent-runtime/2023-07-26, whose patterns and lengths the API reference repeats. Called by operations.ts.

import * as z from "zod/mini";
import { invalid } from "../rest-json/errors.ts";

/** model: Id. */
const id = z.string().check(z.regex(/^[0-9a-zA-Z]{10}$/));
/** model: ClientToken. The SDK fills one in. */
const clientToken = z.optional(
  z.string().check(z.minLength(33), z.maxLength(256), z.regex(/^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,256}$/)),
);
/** model: CustomDocumentIdentifierIdString; there is no pattern. */
const customId = z.string().check(z.minLength(1), z.maxLength(2048));
/** model: Data, ByteContentBlob: 5 MB. */
const MAX_TEXT = 5_242_880;

const place = { knowledgeBaseId: id, dataSourceId: id };

/** model: CustomContent. Other kinds of content are the service's, but nothing here sends them. */
const customContent = z.object({
  customDocumentIdentifier: z.object({ id: customId }),
  sourceType: z.literal("IN_LINE"),
  inlineContent: z.object({
    type: z.literal("TEXT"),
    textContent: z.object({ data: z.string().check(z.minLength(1), z.maxLength(MAX_TEXT)) }),
  }),
});

/** User guide, "Ingest documents directly": the type must be that of the data source, which is a custom one here. */
const document = z.object({
  content: z.object({ dataSourceType: z.literal("CUSTOM"), custom: customContent }),
});

const identifier = z.object({ dataSourceType: z.literal("CUSTOM"), custom: z.object({ id: customId }) });

/** model: KnowledgeBaseDocuments and DocumentIdentifiers, 1 to 10. */
const oneToTen = <T extends z.core.$ZodType>(item: T) => z.array(item).check(z.minLength(1), z.maxLength(10));

export const INGEST = z.object({ ...place, clientToken, documents: oneToTen(document) });
export const DELETE = z.object({ ...place, clientToken, documentIdentifiers: oneToTen(identifier) });
export const GET = z.object({ ...place, documentIdentifiers: oneToTen(identifier) });

const nextToken = z.optional(z.string().check(z.minLength(1), z.maxLength(2048), z.regex(/^\S*$/)));

/** model: MaxResults. */
export const LIST = z.object({
  ...place,
  maxResults: z.optional(z.int().check(z.gte(1), z.lte(1000))),
  nextToken,
});

export const START_JOB = z.object({
  ...place,
  clientToken,
  description: z.optional(z.string().check(z.minLength(1), z.maxLength(200))),
});
export const GET_JOB = z.object({ ...place, ingestionJobId: id });

/** model: KnowledgeBaseQueryTextString and KnowledgeBaseVectorSearchConfigurationNumberOfResultsInteger. */
export const RETRIEVE = z.object({
  knowledgeBaseId: z.string().check(z.maxLength(10), z.regex(/^[0-9a-zA-Z]+$/)),
  retrievalQuery: z.object({ text: z.string().check(z.maxLength(20_000)) }),
  retrievalConfiguration: z.optional(
    z.object({
      vectorSearchConfiguration: z.object({
        numberOfResults: z.optional(z.int().check(z.gte(1), z.lte(100))),
        // facts/platform.md 5: HYBRID needs OpenSearch, and ours is S3 Vectors.
        overrideSearchType: z.optional(z.literal("SEMANTIC")),
      }),
    }),
  ),
  nextToken,
});

/** The request, or the ValidationException that names its first wrong member. */
export const checked = <T>(schema: z.ZodMiniType<T>, input: unknown): T => {
  const { success, data, error } = schema.safeParse(input);
  if (success) return data;
  const { path, message } = error.issues[0] ?? { path: [], message: "" };
  throw invalid(
    `1 validation error detected: Value at '${path.join(".")}' failed to satisfy constraint: ${message}`,
  );
};
