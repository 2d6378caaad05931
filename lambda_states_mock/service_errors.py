"""Answers that AWS gives instead of a result: one error type, and the exact texts beside each other.

Raised by operations and by the lifecycle tables, turned into HTTP by `wire`.
Mistakes of the test author are in `errors`.
Texts marked (R) are recorded from AWS, (D) documented by AWS, (I) inferred: AWS's text is not known.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from lambda_states_mock.quick_dataclasses import dataclass


class ServiceError(Exception):
    """An error answer of the Lambda API.

    Parameters:
        code: the error code as on the wire, e.g. ``ResourceConflictException``.
        message: the text, or None for an answer without one.
        type: the ``Type`` member: ``"User"``, ``"Service"``, or None where AWS sends none.
        status: the HTTP status; None takes it from botocore's model (400 for unmodelled codes).
        members: further members of the modelled error, e.g. ``Reason``.
    """

    def __init__(
        self,
        code: str,
        message: str | None = None,
        *,
        type: str | None = "User",  # noqa: A002 - the name of the member on the wire
        status: int | None = None,
        members: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.type = type
        self.status = status
        self.members: dict[str, Any] = dict(members or {})


@dataclass(frozen=True, slots=True)
class ErrorTemplate:
    """An error answer whose text has places to fill: a row's refusal, or a text that several operations share.

    Parameters: as `ServiceError`; *text* may name facts in braces, filled by `error`; *members*, in pairs.
    """

    code: str
    text: str | None
    type: str | None = "User"
    status: int | None = None
    members: tuple[tuple[str, str], ...] = ()

    def error(self, **facts: object) -> ServiceError:
        """Return the answer as an error, its text filled with *facts*."""
        message = None if self.text is None else self.text.format(**facts)
        return ServiceError(self.code, message, type=self.type, status=self.status, members=dict(self.members))

    def retry_after(self, seconds: int) -> ServiceError:
        """Return the answer as an error that says in how many *seconds* to try again."""
        error = self.error()
        error.members["retryAfterSeconds"] = str(seconds)
        return error


_invalid = partial(ErrorTemplate, "InvalidParameterValueException")
_not_found = partial(ErrorTemplate, "ResourceNotFoundException")
_conflict = partial(ErrorTemplate, "ResourceConflictException")


def _throttled(reason: str, text: str = "Rate Exceeded.") -> ErrorTemplate:
    return ErrorTemplate("TooManyRequestsException", text, members=(("Reason", reason),))


# -- refusals that depend on a state -----------------------------------------------------------------------------------
INVOKED_IN_STATE = _conflict(  # (R) Invoke on a function that is Pending or Failed
    "The operation cannot be performed at this time. The function is currently in the following state: {state}"
)
CHANGED_IN_STATE = _conflict(  # (R) an update or a publication of a function that is Pending or Failed
    "The operation cannot be performed at this time. The resource {arn} is currently in the following state: "
    "'{state}'. StateReasonCode: '{reason_code}'"
)
UPDATE_IN_PROGRESS = _conflict(  # (R)
    "The operation cannot be performed at this time. An update is in progress for resource: {arn}"
)
ARTIFACT_PENDING = ErrorTemplate(  # (R) an idle zip or image function is invoked
    "CodeArtifactUserPendingException", "Lambda is initializing your function. It will be ready to invoke shortly."
)
ARTIFACT_FAILED = ErrorTemplate(  # (I) the text; the code is in botocore's model
    "CodeArtifactUserFailedException", "Lambda could not prepare the code of your function."
)
ARTIFACT_DELETED = ErrorTemplate(  # (I) the text, after botocore's description; and that it is the answer for lost code
    "CodeArtifactUserDeletedException",
    "The code of your function is no longer available. Update the function to recreate it.",
)
NETWORK_NOT_READY = ErrorTemplate(  # (I) the text; documented code and status
    "ResourceNotReadyException",
    "The function is inactive and its VPC connection is no longer available. "
    "Lambda is creating a new network interface.",
    type="Service",
)
SNAPSHOT_NOT_READY = ErrorTemplate(  # (D)
    "SnapStartNotReadyException",
    "Lambda is initializing your function. It will be ready to invoke once your function state becomes ACTIVE.",
)
SNAPSHOT_FAILED = _conflict(  # (D) the text; (I) the code, that of other functions that are Failed
    "AWS Lambda could not invoke your SnapStart function. "
    "If this error persists, check your function's CloudWatch logs for initialization errors."
)
SNAP_START_TIMEOUT = ErrorTemplate(  # (D)
    "SnapStartTimeoutException", "Lambda couldn't restore the snapshot within the timeout limit."
)
SNAPSHOT_NOT_REGENERATED = ErrorTemplate(  # (I) the text, after the model's description of the error
    "SnapStartRegenerationFailureException",
    "Lambda couldn't regenerate the SnapStart snapshot for the function. Wait for Lambda to retry, or update the "
    "function's configuration to trigger a new snapshot.",
)
NO_PUBLISHED_VERSION = ErrorTemplate(  # (I) the text is the model's description of the error
    "NoPublishedVersionException", "The function has no published versions available."
)
SNAP_START_FAILED = ErrorTemplate(  # (I): what it says
    "SnapStartException", "Lambda couldn't restore the snapshot: a runtime hook failed with {error_type}."
)

# -- not found ---------------------------------------------------------------------------------------------------------
FUNCTION_NOT_FOUND = _not_found("Function not found: {arn}")  # (R)
ALIAS_NOT_FOUND = _not_found("Cannot find alias arn: {arn}")  # (R)
UPDATED_ALIAS_NOT_FOUND = _not_found("Alias not found: {arn}")  # (R)
NO_SUCH_RESOURCE = _not_found("The resource you requested does not exist.")  # (R)
NO_POLICY_FOUND = _not_found("No policy found for: {arn}")  # (R)
NO_POLICY = _not_found("No policy is associated with the given resource.")  # (R)
NO_STATEMENT = _not_found("Statement {sid} is not found in resource policy.")  # (R)

# -- conflicts and preconditions ---------------------------------------------------------------------------------------
FUNCTION_EXISTS = _conflict("Function already exist: {name}")  # (R)
ALIAS_EXISTS = _conflict("Alias already exists: {arn}")  # (R)
TOO_MANY_ALIASES = ErrorTemplate(  # (I) the text; the code is the model's
    "AliasLimitExceededException", "The function {arn} has reached its limit of {limit} aliases."
)
STATEMENT_EXISTS = _conflict(  # (R)
    "The statement id ({sid}) provided already exists. "
    "Please provide a new statement id, or remove the existing statement."
)
STALE_REVISION = ErrorTemplate(  # (R) of functions and aliases
    "PreconditionFailedException",
    "The Revision Id provided does not match the latest Revision Id. "
    "Call the GetFunction/GetAlias API to retrieve the latest Revision Id",
)
STALE_POLICY_REVISION = ErrorTemplate(  # (R)
    "PreconditionFailedException",
    "The Revision Id provided does not match the latest Revision Id. "
    "Call the GetPolicy API to retrieve the latest Revision Id",
)
VERSION_IN_USE = _conflict(  # (I) the text
    "The version {version} of function {name} cannot be deleted: it is referenced by alias {alias}."
)

# -- parameters --------------------------------------------------------------------------------------------------------
FUNCTION_ELSEWHERE = _not_found("Functions from '{there}' are not reachable in this region ('{here}')")
# (R)
QUALIFIER_MISMATCH = _invalid("The derived qualifier from the function name does not match the specified qualifier.")
FUNCTIONS_ONLY = _invalid(  # (I) the text, reported by users
    "This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. "
    "Please specify either a function name or an unqualified function ARN."
)
ALIAS_DELETION = _invalid("Deletion of aliases is not currently supported.")  # (R)
ROLE_NOT_ASSUMABLE = _invalid("The role defined for the function cannot be assumed by Lambda.")  # (R)
UNKNOWN_RUNTIME = _invalid(  # (R) AWS puts neither a count in front nor quotes round the value
    "Value {runtime} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: "
    "[{listed}] or be a valid ARN"
)
RETIRED_RUNTIME = _invalid(  # (R)
    "The runtime parameter of {runtime} is no longer supported for creating or updating AWS Lambda functions. "
    "We recommend you use a supported runtime while creating or updating functions."
)
NOT_A_ZIP = _invalid("Could not unzip uploaded file. Please check your file, then try to upload again.")  # (R)
EMPTY_ZIP = _invalid("Uploaded file must be a non-empty zip")  # (I) as in public reports
UNZIPPED_TOO_LARGE = _invalid("Unzipped size must be smaller than {limit} bytes")  # (R)
ZIPPED_TOO_LARGE = ErrorTemplate(  # (R)
    "RequestEntityTooLargeException", "Zipped size must be smaller than {limit} bytes", type=None, status=413
)
REQUEST_TOO_LARGE = ErrorTemplate(  # (R)
    "RequestEntityTooLargeException",
    "Request must be smaller than {limit} bytes for the {operation} operation",
    type=None,
    status=413,
)
CODE_STORAGE_EXCEEDED = ErrorTemplate("CodeStorageExceededException", "Code storage limit exceeded.")  # (I) the text
# (R) of an update
IMAGE_URI_WANTED = _invalid("Please provide ImageUri when {doing} a function with packageType Image.")
# (R) of an update
ZIP_WANTED = _invalid("Please don't provide ImageUri when {doing} a function with packageType Zip.")
CODE_TWICE = _invalid(  # (I) the rule and the text, reported by users
    "Please do not provide other FunctionCode parameters when providing a ZipFile."
)
CODE_WANTED = _invalid("Please provide a source for function code.")  # (I) the text
RUNTIME_WANTED = _invalid(  # (I) the text
    "Runtime and Handler are mandatory parameters for functions created with deployment packages."
)
IMAGE_WITHOUT_RUNTIME = _invalid(  # (I) the text
    "Please don't provide Handler or Runtime or Layer when the intended function PackageType is Image."
)
# (I) the text; documented kinds (invocation-async-retain-records.html)
UNSUPPORTED_DEAD_LETTERS = _invalid("The provided dead letter target ARN {arn} is invalid.")
# (I) the rule and the text, reported by users
VPC_IN_PART = _invalid("SubnetIds and SecurityIds must coexist or be both empty list.")
# (I) the text, reported by users; documented rule
MOUNTED_WITHOUT_VPC = _invalid("Function must be configured to execute in a VPC to reference access point {arn}")
NOT_ON_S3_FILES = _invalid(  # (I) the text; documented rule and code
    "S3FilesConfig is only supported for access points of Amazon S3 Files: {arn}"
)
# (R)
OBJECT_NOT_FETCHED = _invalid("Error occurred while GetObject. S3 Error Code: {code}. S3 Error Message: {message}")
NO_SUCH_IMAGE = _invalid("Source image {uri} does not exist. Provide a valid source image.")  # (I) the text
SUBNETS_NOT_DESCRIBED = _invalid(  # (R)
    "Error occurred while DescribeSubnets. EC2 Error Code: {code}. EC2 Error Message: {message}"
)
SECURITY_GROUPS_NOT_DESCRIBED = _invalid(  # (R)
    "Error occurred while DescribeSecurityGroups. EC2 Error Code: {code}. EC2 Error Message: {message}"
)
RESERVED_VARIABLES = _invalid(  # (R)
    "Lambda was unable to configure your environment variables because the environment variables you have provided "
    "contains reserved keys that are currently not supported for modification. "
    "Reserved keys used in this request: {keys}"
)
VARIABLES_TOO_LARGE = _invalid(  # (D)
    "Lambda was unable to configure your environment variables because the environment variables you have provided "
    "exceeded the 4KB limit. String measured: {measured}"
)
VARIABLES_UNUSABLE = _invalid(  # (I)
    "Lambda was unable to configure your environment variables because the environment variables you have provided "
    "contain characters that are not supported."
)
WRONG_CODE_SHA256 = _invalid(  # (R)
    "CodeSHA256 ({given}) is different from current CodeSHA256 in $LATEST ({actual}). "
    "Please try again with the CodeSHA256 in $LATEST."
)
VALUE_TOO_LARGE = _invalid(  # (D) for MemorySize
    "'{member}' value failed to satisfy constraint: Member must have value less than or equal to {limit}"
)
VALUE_TOO_SMALL = _invalid(  # (I) the text, after the one above; documented rule, on a capacity provider
    "'{member}' value failed to satisfy constraint: Member must have value greater than or equal to {limit}"
)
# (I) the text, seen in public logs for runtimes; documented rule
NOT_WITH_SNAP_START = _invalid("{what} is not supported for SnapStart enabled functions.")
TOO_MANY_LAYERS = _invalid("Cannot reference more than {limit} layers.")  # (R)
TOO_MANY_TAGS = _invalid("Number of tags exceeds resource tag limit.")  # (R)
# (R)
TAGS_ON_QUALIFIED = _invalid("Tags on function aliases and versions are not supported. Please specify a function ARN.")
POLICY_FOR_LATEST = _invalid("We currently do not support adding policies for $LATEST.")  # (R)
INVALID_PRINCIPAL = _invalid("The provided principal was invalid. Please check the principal and try again.")  # (R)
AUTH_TYPE_OF_OTHER_ACTION = _invalid(  # (I) the rule and the text, reported by users
    "FunctionUrlAuthType is only supported for {action} action"
)
TOO_MANY_ROUTES = _invalid("Number of items in AdditionalVersionWeights cannot be greater than 1")  # (R)
ROUTED_TWICE = _invalid(  # (R)
    "Invalid function version {version}. Function version {version} is already included in routing configuration."
)
# (I) the texts; that both versions need the same is documented (configuration-aliases.html)
OTHER_ROUTED = _invalid("Versions {version} and {other} of an alias must have the same {what}.")
# (R) without Type
LATEST_ROUTED = _invalid("$LATEST is not supported for an alias pointing to more than 1 version", type=None)
UNRESERVED_TOO_SMALL = _invalid(  # (R) without Type
    "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below "
    "its minimum value of [{minimum}].",
    type=None,
)
ALL_VERSIONS_WANTED = _invalid(
    "FunctionVersion must be ALL when MasterRegion is given."
)  # (I) the text; documented rule
MARKER_INVALID = _invalid("Invalid marker.")  # (I) the text
POLICY_TOO_LONG = ErrorTemplate(  # (I) the text
    "PolicyLengthExceededException", "The final policy size ({size}) is bigger than the limit ({limit})."
)
LATEST_DELETION = _invalid("$LATEST version cannot be deleted without deleting the function.")  # (R)
NAME_TOO_LONG = _invalid(  # (R) a validation error in words, but not in its code
    "1 validation error detected: Value '{name}' at 'functionName' failed to satisfy constraint: "
    "Member must have length less than or equal to 64"
)
TENANT_WANTED = _invalid(  # (I) the text; documented rule (tenant-isolation-invoke.html)
    "The invoked function is enabled with tenancy configuration. Add a valid tenant ID in your request and try again."
)
TENANT_UNWANTED = _invalid(  # (I) the text, after the one above
    "The invoked function is not enabled with tenancy configuration. "
    "Remove the tenant ID from your request and try again."
)
# (I) the text; documented rule (tenant-isolation.html)
NOT_WITH_TENANCY = _invalid("{what} is not supported for functions that are enabled with tenancy configuration.")
NO_TAGS = _invalid("An error occurred and the request cannot be processed.")  # (R) of TagResource

# -- a runtime of one's own, and accelerators --------------------------------------------------------------------------
# (I) the rules and the texts
RUNTIME_TWICE = _invalid("Runtime {runtime} cannot be specified together with RuntimeConfig.")
RUNTIME_CONFIG_WANTED = _invalid("RuntimeConfig is required for the runtime custom.")
RUNTIME_CONFIG_OF_IMAGE = _invalid("RuntimeConfig is not supported for functions with PackageType Image.")
ACCELERATOR_WITHOUT_PROVIDER = _invalid("AcceleratorConfig is supported for functions on a capacity provider only.")

# -- layers ------------------------------------------------------------------------------------------------------------
LAYER_VERSION_BELOW_ONE = _invalid("Layer Version Cannot be less than 1")  # (R)
UNKNOWN_LAYER_VERSION = _invalid("Layer version {arn} does not exist.")  # (I) in the Layers of a function
# (I) of the operations on a layer version's policy
LAYER_VERSION_NOT_FOUND = _not_found("Layer version {arn} does not exist.")
LAYER_TWICE = _invalid(  # (R)
    "Two different versions of the same layer are not allowed to be referenced in the same function. "
    "{first} and {second} are versions of the same layer."
)
LAYER_IN_OTHER_REGION = _invalid(  # (R)
    "Layers are not in the same region as the function. Layers are expected to be in region {region}."
)
UNZIPPED_WITH_LAYERS_TOO_LARGE = _invalid(  # (I) the text; documented limit
    "Function code combined with layers exceeds the maximum allowed size of {limit} bytes. "
    "The actual size is {size} bytes."
)
STALE_LAYER_POLICY_REVISION = ErrorTemplate(  # (I) the text, after that of functions
    "PreconditionFailedException",
    "The Revision Id provided does not match the latest Revision Id. "
    "Call the GetLayerPolicy API to retrieve the latest Revision Id",
)

# -- code signing ------------------------------------------------------------------------------------------------------
# (R) without Type
CODE_SIGNING_CONFIG_NOT_FOUND = _not_found("The Lambda code signing configuration {arn} can not be found.", type=None)
NO_CODE_SIGNING_CONFIG = ErrorTemplate(  # (R) where a function is to have it
    "CodeSigningConfigNotFoundException",
    "The code signing configuration cannot be found. Check that the provided configuration is not deleted: {arn}.",
)
# (I) the text; documented code
CODE_SIGNING_CONFIG_IN_USE = _conflict("The code signing configuration {arn} cannot be deleted: functions use it.")
CODE_NOT_VERIFIED = ErrorTemplate(  # (I) the text; documented code
    "CodeVerificationFailedException",
    "Lambda cannot deploy the function. The function or layer might be signed using a signature that the client is "
    "not configured to accept. Check the provided signature for {flaw}.",
)
CODE_ALTERED = ErrorTemplate(  # (I) the text, after the model's description of the error; documented code
    "InvalidCodeSignatureException",
    "Lambda cannot deploy the function. The code signature failed the integrity check. "
    "The function or layer was altered after it was signed.",
)

# -- asynchronous invocation -------------------------------------------------------------------------------------------
NO_EVENT_INVOKE_CONFIG = _not_found("The function {arn} doesn't have an EventInvokeConfig")  # (R)
NO_FUNCTION_TO_CONFIGURE = _not_found("The function doesn't exist.")  # (I) the text
# (I) the text
NOTHING_TO_CONFIGURE = _invalid("You must specify at least one of error handling or destination setting.")
DESTINATION_IS_ITSELF = _invalid("You can't specify the function as a destination for itself.")  # (I) the text
INVALID_DESTINATION = _invalid("The destination ARN {arn} is invalid.")  # (I) the text
UNSUPPORTED_DESTINATION = _invalid(  # (I) the text; documented kinds
    "The provided destination config DestinationConfig(onSuccess={on_success}, onFailure={on_failure}) is invalid."
)

# -- function URLs -----------------------------------------------------------------------------------------------------
NO_FUNCTION_FOR_URL = _not_found("Function does not exist")  # (R)
URL_EXISTS = _conflict(  # (R) with two blanks
    "Failed to create function url config for [functionArn = {arn}]. "
    "Error message:  FunctionUrlConfig exists for this Lambda function"
)
URL_NOT_DELETED = ErrorTemplate(  # (R) that AWS fails where the qualifiers disagree; (I) the text
    "ServiceException", "An error occurred and the request cannot be processed.", type="Service"
)

# -- runtime management ------------------------------------------------------------------------------------------------
# (I) the text; documented rule
RUNTIME_VERSION_WANTED = _invalid("RuntimeVersionArn must be specified when UpdateRuntimeOn is Manual.")
# (I) the text; documented rule
RUNTIME_VERSION_UNWANTED = _invalid("RuntimeVersionArn can only be specified when UpdateRuntimeOn is Manual.")

# -- event source mappings ---------------------------------------------------------------------------------------------
MAPPING_BUSY_FOR_UPDATE = ErrorTemplate(  # (I) the text, seen in public logs; documented code
    "ResourceInUseException", "Cannot update the event source mapping because it is in use."
)
MAPPING_BUSY_FOR_DELETE = ErrorTemplate(  # (I) the text, seen in public logs; documented code
    "ResourceInUseException", "Cannot delete the event source mapping because it is in use."
)
UNRECOGNIZED_SOURCE = _invalid("Unrecognized event source.")  # (R)
NO_FUNCTION_TO_MAP = _invalid("Function does not exist")  # (R)
# (R) for DestinationConfig on a queue
UNSUPPORTED_BY_SOURCE = _invalid("Unsupported {member} parameter for given event source mapping type.")
STARTING_POSITION_WANTED = _invalid(  # (R)
    "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: "
    "Member must not be null."
)
STARTING_POSITION_UNSUPPORTED = _invalid("Unsupported starting position for arn type: {source}")  # (R)
# (I) the text, seen in public logs
STARTING_POSITION_OF_QUEUE = _invalid("StartingPosition is not valid for SQS event sources.")
STARTING_TIMESTAMP_WANTED = _invalid(  # (I) the text
    "StartingPositionTimestamp must be provided when StartingPosition is AT_TIMESTAMP."
)
# (I) the text
STARTING_TIMESTAMP_UNWANTED = _invalid("StartingPositionTimestamp is only valid when StartingPosition is AT_TIMESTAMP.")
# (I) the text; documented rule
STARTING_TIMESTAMP_IN_FUTURE = _invalid("StartingPositionTimestamp cannot be in the future.")
SOURCE_PARAMETER_MISSING = _invalid("Required '{member}' parameter is missing.")  # (R) for sourceAccessConfig...
BATCH_WITHOUT_WINDOW = _invalid(  # (I) the text, seen in public logs; documented rule
    "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10"
)
# (I) the text, seen in public logs; documented rule
FIFO_WITH_WINDOW = _invalid("Batching window is not supported for FIFO queues.")
# (I) the text; documented limit
FIFO_BATCH_TOO_LARGE = _invalid("Maximum batch size must be less than or equal to 10 for FIFO queues.")
# (I) the text; documented range
RECORD_AGE_OUT_OF_RANGE = _invalid("MaximumRecordAgeInSeconds must be -1 or between 60 and 604800.")
# (I) the texts; documented rules
SCALED_TWICE = _invalid("ScalingConfig and ProvisionedPollerConfig cannot be used together.")
TOO_FEW_POLLERS = _invalid("{member} must be at least {fewest}.")
TOO_MANY_POLLERS = _invalid("{member} must be at most {most}.")
ACCESS_WANTED = _invalid("The source access type {way} requires {needed}.")
ACCESS_EXCLUDED = _invalid("The source access types {way} and {other} cannot be used together.")
ACCESS_AT_CREATION = _invalid("The source access type {way} cannot be specified in an update.")
FEWER_POLLERS_AT_MOST = _invalid("MaximumPollers ({most}) must be greater than or equal to MinimumPollers ({least}).")
CONSUMPTION_FIXED = _invalid("{member} cannot be changed after the event source mapping was created.")
NOT_WITH_SHARE_GROUP = _invalid("{member} is not supported when ConsumptionMode is Queue.")
INVALID_FILTER = _invalid("Invalid filter pattern definition.")  # (R)
TOO_MANY_FILTERS = _invalid("Number of filters exceeds the limit of {limit}.")  # (I) the text; documented limit
MESSAGE_NOT_RECEIVED = _invalid(  # (R)
    "Error occurred while ReceiveMessage. SQS Error Code: {code}. SQS Error Message: {message}"
)
STREAM_NOT_FOUND = _invalid("Stream not found: {source}")  # (I) the text, seen in public logs
VISIBILITY_TOO_SHORT = _invalid(  # (I) the text, seen in public logs
    "Queue visibility timeout: {visibility} seconds is less than Function timeout: {timeout} seconds"
)
QUEUE_MAPPED_TWICE = _conflict(  # (R) with blanks inside the quotes
    'An event source mapping with SQS arn (" {source} ") and function (" {function} ") already exists. '
    "Please update or delete the existing mapping with UUID {uuid}"
)
SOURCE_MAPPED_TWICE = _conflict(  # (I) the text, seen in public logs
    'The event source arn (" {source} ") and function (" {function} ") provided mapping already exists. '
    "Please update or delete the existing mapping with UUID {uuid}"
)
KAFKA_MAPPED_TWICE = _conflict(  # (R)
    'An event source mapping with event source ("{source}"), function ("{function}"), topics ("{topics}") already '
    "exists. Please update or delete the existing mapping with UUID {uuid}"
)

# -- provisioned concurrency -------------------------------------------------------------------------------------------
NO_PROVISIONED_CONCURRENCY = ErrorTemplate(  # (R)
    "ProvisionedConcurrencyConfigNotFoundException", "No Provisioned Concurrency Config found for this function"
)
# (R)
PROVISIONED_ON_LATEST = _invalid("Provisioned Concurrency Configs cannot be applied to unpublished function versions.")
# (R) of Get and Delete
PROVISIONED_OF_LATEST = _invalid("The function resource provided must be an alias or a published version.")
VERSION_PROVISIONED = _conflict(  # (R)
    "Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version"
)
ALIAS_PROVISIONED = _conflict("Version is pointed by a Provisioned Concurrency alias")  # (R)
# (I) the text, reported by users
PROVISIONED_ALIAS_ROUTES = _invalid("Invalid alias configuration for Provisioned Concurrency")
# (I) the text; documented rule
PROVISIONED_ON_SNAP_START = _invalid("Provisioned Concurrency is not supported for functions with SnapStart enabled.")
PROVISIONED_OVER_RESERVED = _invalid(  # (I) the text; documented rule
    "Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function"
)
PROVISIONED_OVER_ACCOUNT = _invalid(  # (I) the text, reported by users; without Type as its kin (R) for reserved ones
    "Specified ConcurrentExecutions for function is greater than account's unreserved concurrency [{unreserved}].",
    type=None,
)
PROVISIONED_OVER_UNRESERVED = _invalid(  # (I) the text, reported by users; without Type, as above
    "Specified ConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum "
    "value of [{minimum}].",
    type=None,
)
RESERVED_UNDER_PROVISIONED = _invalid(  # (I) the text with its blanks, reported by users; without Type, as above
    " ReservedConcurrentExecutions  {reserved} should not be lower than function's total provisioned concurrency "
    "[{provisioned}].",
    type=None,
)

# -- capacity providers ------------------------------------------------------------------------------------------------
CAPACITY_PROVIDER_NOT_FOUND = _not_found("Capacity provider not found: {arn}")  # (R) of tags
CAPACITY_PROVIDER_EXISTS = _conflict("Capacity provider already exists: {name}")  # (I) the text
CAPACITY_PROVIDER_BUSY = _conflict(  # (I) the text
    "The operation cannot be performed at this time. The capacity provider {arn} is currently in the following state: "
    "'{state}'"
)
CAPACITY_PROVIDER_IN_USE = _conflict(  # (I) the text; documented rule
    "The capacity provider {arn} cannot be deleted: function versions are attached to it."
)
TOO_MANY_CAPACITY_PROVIDERS = ErrorTemplate(  # (I) the text; documented code and quota
    "CapacityProviderLimitExceededException", "The account has reached its limit of {limit} capacity providers."
)
TOO_MANY_VERSIONS_ON_PROVIDER = ErrorTemplate(  # (I) the text; documented code and quota
    "FunctionVersionsPerCapacityProviderLimitExceededException",
    "The capacity provider {arn} has reached its limit of {limit} function versions.",
)
# (I) the text; documented rule
INSTANCE_TYPES_TWICE = _invalid("AllowedInstanceTypes and ExcludedInstanceTypes cannot be specified together.")
NOT_ON_CAPACITY_PROVIDER = _invalid("The function {arn} does not run on a capacity provider.")  # (I) the text
# (I) the text and the code
PUBLISHED_ON_PROVIDERS = _invalid("PublishTo LATEST_PUBLISHED is supported for functions on a capacity provider only.")
# (I) the text; documented rule
SCALING_TO_ZERO = _invalid("MinExecutionEnvironments can only be 0 if MaxExecutionEnvironments is 0.")
SCALING_RANGE = _invalid(  # (I) the text
    "MinExecutionEnvironments ({least}) must not be greater than MaxExecutionEnvironments ({most})."
)

# -- durable executions ------------------------------------------------------------------------------------------------
EXECUTION_NOT_FOUND = _not_found("Durable execution not found: {arn}")  # (I) the text
# (I) the text; its model has no ResourceNotFoundException
EXECUTION_NOT_FOUND_FOR_CHECKPOINT = _invalid("Durable execution not found: {arn}")
# What follows of checkpoints are the texts of AWS's own SDK for tests (aws-durable-execution-sdk-python-testing), whose
# refusals are a copy of the service's.
WRONG_ACTION = _invalid("Invalid action for the given operation type.")
STEP_NOT_STARTABLE = _invalid("Invalid current STEP state to start.")
STEP_NOT_CLOSABLE = _invalid("Invalid current STEP state to close.")
STEP_NOT_RETRIABLE = _invalid("Invalid current STEP state to re-attempt.")
STEP_OPTIONS_WANTED = _invalid("Invalid StepOptions for the given action.")
RETRY_WITH_BOTH = _invalid("Cannot provide both error and payload to RETRY a STEP.")
CONTEXT_EXISTS = _invalid("Cannot start a CONTEXT that already exist.")
CONTEXT_NOT_CLOSABLE = _invalid("Invalid current CONTEXT state to close.")
WAIT_EXISTS = _invalid("Cannot start a WAIT that already exist.")
WAIT_NOT_CANCELLABLE = _invalid("Cannot cancel a WAIT that does not exist or has already completed.")
WAIT_OPTIONS_WANTED = _invalid("Update for WAIT operation requires WaitOptions.")  # (I) after the one of invocations
CALLBACK_EXISTS = _invalid("Cannot start a CALLBACK that already exist.")
INVOKE_EXISTS = _invalid("Cannot start an INVOKE that already exist.")
INVOKE_NOT_CANCELLABLE = _invalid("Cannot cancel an INVOKE that does not exist or has already completed.")
INVOKE_OPTIONS_WANTED = _invalid("Update for CHAINED_INVOKE operation requires ChainedInvokeOptions.")
INVOKE_ELSEWHERE = _invalid("Cannot start a CHAINED_INVOKE on a function in another {what}.")
ERROR_OF_SUCCESS = _invalid("Cannot provide an Error for SUCCEED action.")
PAYLOAD_OF_FAILURE = _invalid("Cannot provide a Payload for FAIL action.")
OTHER_TYPE = _invalid("Inconsistent operation type.")
OTHER_SUB_TYPE = _invalid("Inconsistent operation subtype.")
OTHER_NAME = _invalid("Inconsistent operation name.")
OTHER_PARENT = _invalid("Inconsistent parent operation id.")
NO_SUCH_PARENT = _invalid("Invalid parent operation id.")
SAME_ID_TWICE = _invalid("Cannot checkpoint multiple operations with the same ID.")
TWO_EXECUTION_UPDATES = _invalid("Cannot checkpoint multiple EXECUTION updates.")
EXECUTION_UPDATE_LAST = _invalid("EXECUTION checkpoint must be the last update.")
PAYLOAD_TOO_LARGE = _invalid("{what} payload size must be less than or equal to {limit} bytes.")
ERROR_TOO_LARGE = _invalid("Error object size must be less than {limit} bytes.")
# (I) the texts; documented quotas
TOO_MANY_OPERATIONS = _invalid("A durable execution can have at most {limit} operations.")
TOO_MUCH_DATA = _invalid("The data of a durable execution can have at most {limit} bytes.")
# (D) AWS's SDK knows it by these words, in these capitals; also for an execution that is over
INVALID_CHECKPOINT_TOKEN = _invalid("Invalid Checkpoint Token")
# (I) the texts; documented code
EXECUTION_OVER = _conflict("The durable execution {arn} is already closed: {state}")
EXECUTION_NOT_OVER = _conflict("The durable execution {arn} is not closed: {state}")
PAUSED = _conflict("The durable execution {arn} is already pausing or paused: {state}")
NOT_PAUSED = _conflict("The durable execution {arn} is not paused: {state}")
CALLBACK_NOT_FOUND = _not_found("Callback not found: {callback}")  # (I) the text
# (I) the text, after botocore's description
CALLBACK_CLOSED = ErrorTemplate("CallbackTimeoutException", "The callback has expired or has already been closed.")
EXECUTION_STARTED_OTHERWISE = ErrorTemplate(  # (I) the text; documented code and rule
    "DurableExecutionAlreadyStartedException",
    "The durable execution {name} has already been started with another payload.",
)
# (I) code and text; documented rule
QUALIFIER_WANTED = _invalid("You cannot invoke a durable function using an unqualified ARN.")
TOO_LONG_TO_WAIT = _invalid(  # (I) code and text; documented limit
    "You cannot synchronously invoke a durable function with an ExecutionTimeout greater than 15 minutes."
)
NOT_DURABLE = _invalid("DurableExecutionName can only be specified for durable functions.")  # (I) the text
EXECUTION_TIMEOUT_WANTED = _invalid("DurableConfig.ExecutionTimeout is required.")  # (I) text; documented rule
# (I) the text; documented rule
DURABLE_AT_CREATION = _invalid("Durable execution can only be enabled when a function is created.")

# -- tags and whole policies -------------------------------------------------------------------------------------------
MAPPING_NOT_FOUND = _not_found("Event source mapping not found: {arn}")  # (R)
PUBLIC_POLICY = ErrorTemplate(  # (I) the text, after the model's description of the error
    "PublicPolicyException", "The resource-based policy would grant public access to {arn}, which isn't allowed."
)
MALFORMED_POLICY = _invalid("The resource policy is malformed.")  # (I) the text

# -- throttling --------------------------------------------------------------------------------------------------------
# (R) reserved concurrency is in use, or 0
RESERVED_IN_USE = _throttled("ReservedFunctionConcurrentInvocationLimitExceeded")
RESERVED_RATE_EXCEEDED = _throttled("ReservedFunctionInvocationRateLimitExceeded")  # (D) the reason
ACCOUNT_IN_USE = _throttled("ConcurrentInvocationLimitExceeded")  # (D) the reason
# (D) the reason; (I) that it is the one for environments added too quickly
FUNCTION_RATE_EXCEEDED = _throttled("FunctionInvocationRateLimitExceeded")
CALLER_RATE_EXCEEDED = _throttled("CallerRateLimitExceeded")  # (D) the reason
SNAPSHOTS_IN_PROGRESS = _throttled(  # (D) snapstart-troubleshooting.html, and the reason
    "ConcurrentSnapshotCreateLimitExceeded",
    "Lambda was unable to create a new snapshot because you have reached your concurrent snapshot creation limit.",
)

# -- how a function can be invoked -------------------------------------------------------------------------------------
TOO_LONG_FOR_A_CALLER = ErrorTemplate(  # (I) the text, and that it is the answer; (D) the limit of synchronous ones
    "ModeNotSupportedException",
    "The function's timeout of {timeout} seconds is only supported for asynchronous invocations.",
)
TOO_LONG_TO_STREAM = _invalid(TOO_LONG_FOR_A_CALLER.text)  # (I) InvokeWithResponseStream does not declare that error

# -- loops and other accounts ------------------------------------------------------------------------------------------
RECURSION_STOPPED = ErrorTemplate(  # (D) botocore's description of the exception
    "RecursiveInvocationException",
    "Lambda has detected your function being invoked in a recursive loop with other Amazon Web Services resources "
    "and stopped your function's invocation.",
)
NO_POLICY_ALLOWS = ErrorTemplate(  # (D) troubleshooting-invocation.html, and IAM's reason behind it
    "AccessDeniedException",
    "User: {caller} is not authorized to perform: {action} on resource: {resource} "
    "because no resource-based policy allows the {action} action",
    type=None,
    status=403,
)
POLICY_DENIES = ErrorTemplate(  # (D) IAM's troubleshoot_access-denied.html
    "AccessDeniedException",
    "User: {caller} is not authorized to perform: {action} on resource: {resource} "
    "with an explicit deny in a resource-based policy",
    type=None,
    status=403,
)

# -- the Runtime API, which runtimes in processes talk to --------------------------------------------------------------
RUNTIME_TRANSITION = ErrorTemplate(  # (R) public logs
    "InvalidStateTransition",
    "State transition from {before} to {after} failed for runtime. Error: State transition is not allowed",
    type=None,
    status=403,
)
EXTENSION_TRANSITION = ErrorTemplate(  # AWS's emulator
    "Extension.InvalidExtensionState",
    "State transition from {before} to {after} failed for extension {name}. Error: State transition is not allowed",
    type=None,
)
