// What the Scheduler stand-in keeps and answers, named as in the service's model (botocore's scheduler/2021-06-30, which
// @aws-sdk/client-scheduler is generated from too). Dates are epoch seconds, as on the wire.

export interface RetryPolicy {
  readonly MaximumEventAgeInSeconds: number;
  readonly MaximumRetryAttempts: number;
}

export interface Target {
  readonly Arn: string;
  readonly RoleArn: string;
  readonly Input?: string;
  readonly RetryPolicy: RetryPolicy;
  readonly DeadLetterConfig?: { readonly Arn?: string };
}

/** What CreateSchedule and UpdateSchedule set; what the request left out is here as its default. */
export interface Settings {
  readonly ScheduleExpression: string;
  readonly ScheduleExpressionTimezone: string;
  readonly StartDate?: number;
  readonly EndDate?: number;
  readonly Description?: string;
  readonly State: "ENABLED" | "DISABLED";
  readonly KmsKeyArn?: string;
  readonly Target: Target;
  readonly FlexibleTimeWindow: {
    readonly Mode: "OFF" | "FLEXIBLE";
    readonly MaximumWindowInMinutes?: number;
  };
  readonly ActionAfterCompletion: "NONE" | "DELETE";
}

export interface Schedule extends Settings {
  readonly Arn: string;
  readonly GroupName: string;
  readonly Name: string;
  readonly CreationDate: number;
  readonly LastModificationDate: number;
}

export interface Group {
  readonly Arn: string;
  readonly Name: string;
  readonly State: "ACTIVE";
  readonly CreationDate: number;
  readonly LastModificationDate: number;
}
