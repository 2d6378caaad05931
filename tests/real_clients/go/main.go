// A function's life through AWS's SDK for Go, version 2, as a deployer has it. Prints what it saw as JSON.
package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func madeUp(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: "AKIDMADEUP", SecretAccessKey: "made-up"}, nil
}

func main() {
	ctx := context.Background()
	client := lambda.New(lambda.Options{
		Region:           "eu-west-1",
		Credentials:      aws.CredentialsProviderFunc(madeUp),
		EndpointResolver: lambda.EndpointResolverFromURL(os.Getenv("AWS_ENDPOINT_URL_LAMBDA")),
	})
	zip, err := base64.StdEncoding.DecodeString(os.Args[1])
	must(err)
	orders, seen := aws.String("orders"), map[string]any{}

	created, err := client.CreateFunction(ctx, &lambda.CreateFunctionInput{
		FunctionName: orders,
		Runtime:      types.Runtime("python3.13"),
		Handler:      aws.String("app.handler"),
		Role:         aws.String("arn:aws:iam::123456789012:role/orders"),
		Code:         &types.FunctionCode{ZipFile: zip},
	})
	must(err)
	seen["created"] = created.State

	_, err = client.UpdateFunctionConfiguration(ctx, &lambda.UpdateFunctionConfigurationInput{
		FunctionName: orders, Timeout: aws.Int32(9),
	})
	var conflict *types.ResourceConflictException
	seen["refused while pending"] = errors.As(err, &conflict)

	soon := func(o *lambda.FunctionActiveV2WaiterOptions) { o.MinDelay, o.MaxDelay = time.Second, time.Second }
	wanted := &lambda.GetFunctionInput{FunctionName: orders}
	must(lambda.NewFunctionActiveV2Waiter(client, soon).Wait(ctx, wanted, 20*time.Second))
	found, err := client.GetFunction(ctx, wanted)
	must(err)
	seen["waited"] = found.Configuration.State

	invoked, err := client.Invoke(ctx, &lambda.InvokeInput{FunctionName: orders, Payload: []byte(`{"id": 7}`)})
	must(err)
	seen["invoked"] = string(invoked.Payload)

	_, err = client.GetFunction(ctx, &lambda.GetFunctionInput{FunctionName: aws.String("nobody")})
	var missing *types.ResourceNotFoundException
	if errors.As(err, &missing) {
		seen["missing"] = missing.ErrorMessage()
	}

	_, err = client.DeleteFunction(ctx, &lambda.DeleteFunctionInput{FunctionName: orders})
	must(err)
	must(json.NewEncoder(os.Stdout).Encode(seen))
}
