/** The stub of sfdx-lwc-jest, with what it lacks: `gql` that keeps its text, and `executeMutation`. */
import { graphql as stub } from '../../../node_modules/@salesforce/sfdx-lwc-jest/src/lightning-stubs/graphql/graphql';

export const graphql = stub;
export const gql = (parts, ...values) => String.raw({ raw: parts }, ...values);
export const executeMutation = jest.fn().mockResolvedValue({ data: { uiapi: {} } });
