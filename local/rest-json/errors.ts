// The errors of AWS's REST-JSON services, as the stand-ins for Scheduler, AgentCore Memory and the Knowledge Base throw them.

/** Their names and statuses: `httpStatusCode` in the services' models, which agree where they share a name. */
const STATUS = {
  ValidationException: 400,
  AccessDeniedException: 403,
  ResourceNotFoundException: 404,
  UnknownOperationException: 404,
  ConflictException: 409,
  ThrottlingException: 429,
  InternalServerException: 500,
  // What AgentCore calls the last three.
  RetryableConflictException: 409,
  ThrottledException: 429,
  ServiceException: 500,
} as const;

export type ServiceErrorType = keyof typeof STATUS;

export class ServiceError extends Error {
  readonly type: ServiceErrorType;

  constructor(type: ServiceErrorType, message: string) {
    super(message);
    this.type = type;
  }

  get status(): number {
    return STATUS[this.type];
  }
}

export const invalid = (message: string): ServiceError => new ServiceError("ValidationException", message);
