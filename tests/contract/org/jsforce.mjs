// Conformance of the local org, as jsforce (which nobody here wrote) sees it.
// usage: node jsforce.mjs URL INTEGRATION_ID INTEGRATION_SECRET ADMIN_ID ADMIN_SECRET
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Connection } from '@jsforce/jsforce-node';

const [url, clientId, clientSecret, adminId, adminSecret] = process.argv.slice(2);
const version = '66.0';

async function signedIn(id, secret) {
  const conn = new Connection({ instanceUrl: url, version, oauth2: { loginUrl: url, clientId: id, clientSecret: secret } });
  await conn.authorize({ grant_type: 'client_credentials' });
  return conn;
}

let conn;
let admin;
let account;

before(async () => {
  conn = await signedIn(clientId, clientSecret);
  admin = await signedIn(adminId, adminSecret);
  account = (await admin.sobject('Account').create({ Name: 'Acme' })).id;
});

const invoice = (key, more = {}) => ({ Key__c: key, Name: key, Account__c: account, Balance__c: 10.5, Status__c: 'Open', ...more });

test('identity', async () => {
  const who = await conn.identity();
  assert.equal(who.username, 'integration@dueline.example');
  assert.match(who.organization_id, /^00D\w{15}$/);
});

test('a wrong secret is refused', async () => {
  await assert.rejects(signedIn(clientId, 'no'), /invalid client credentials/);
});

test('create, retrieve, update, delete', async () => {
  const made = await admin.sobject('Account').create({ Name: 'Beta', NumberOfEmployees: 12 });
  assert.deepEqual({ ...made, id: undefined }, { id: undefined, success: true, errors: [] });
  const row = await admin.sobject('Account').retrieve(made.id);
  assert.equal(row.Name, 'Beta');
  assert.equal(row.NumberOfEmployees, 12);
  assert.equal(row.attributes.url, `/services/data/v${version}/sobjects/Account/${made.id}`);
  assert.equal((await admin.sobject('Account').update({ Id: made.id, Name: 'Gamma' })).success, true);
  assert.equal((await admin.sobject('Account').destroy(made.id)).success, true);
  await assert.rejects(admin.sobject('Account').retrieve(made.id), { errorCode: 'ENTITY_IS_DELETED' });
});

test('upsert by external id', async () => {
  const first = await conn.sobject('AR_Invoice__c').upsert(invoice('js:1/A'), 'Key__c');
  const again = await conn.sobject('AR_Invoice__c').upsert(invoice('js:1/A', { Balance__c: 0 }), 'Key__c');
  assert.equal(first.created, true);
  assert.equal(again.created, false);
  assert.equal(again.id, first.id);
});

test('collections: results in order, each with its own outcome', async () => {
  const rows = [invoice('js:2'), invoice('js:3', { Status__c: 'Nonsense' }), invoice('js:4')];
  const results = await conn.sobject('AR_Invoice__c').upsert(rows, 'Key__c', { allowRecursive: true });
  assert.deepEqual(results.map((result) => result.success), [true, false, true]);
  assert.equal(results[1].errors[0].statusCode, 'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST');
  const updated = await conn.sobject('AR_Invoice__c').update([
    { Id: results[0].id, Balance__c: 1 },
    { Id: results[2].id, Balance__c: 2 },
  ]);
  assert.ok(updated.every((result) => result.success && !('created' in result)));
});

test('collections: all or none', async () => {
  const rows = [invoice('js:5'), invoice('js:6', { Status__c: 'Nonsense' }), invoice('js:7')];
  const results = await conn.sobject('AR_Invoice__c').upsert(rows, 'Key__c', { allOrNone: true });
  assert.ok(results.every((result) => !result.success && result.created));
  assert.equal(results[0].errors[0].statusCode, 'ALL_OR_NONE_OPERATION_ROLLED_BACK');
  assert.equal(await conn.sobject('AR_Invoice__c').count({ Key__c: ['js:5', 'js:7'] }), 0);
});

test('query: pages, parents and children', async () => {
  for (let start = 0; start < 2200; start += 200) {
    const rows = Array.from({ length: 200 }, (_, number) => invoice(`page:${start + number}`));
    await conn.sobject('AR_Invoice__c').upsert(rows, 'Key__c');
  }
  const first = await conn.query("SELECT Id, Account__r.Name FROM AR_Invoice__c WHERE Key__c LIKE 'page:%'");
  assert.equal(first.totalSize, 2200);
  assert.equal(first.done, false);
  assert.equal(first.records[0].Account__r.Name, 'Acme');
  const all = await conn.query("SELECT Id FROM AR_Invoice__c WHERE Key__c LIKE 'page:%'", { autoFetch: true, maxFetch: 5000 });
  assert.equal(all.records.length, 2200);
  const [parent] = (await conn.query(`SELECT Name, (SELECT Key__c FROM AR_Invoices__r WHERE Key__c = 'page:7') FROM Account WHERE Id = '${account}'`)).records;
  assert.equal(parent.AR_Invoices__r.records[0].Key__c, 'page:7');
});

test('describe', async () => {
  const described = await conn.describe('AR_Invoice__c');
  const key = described.fields.find((field) => field.name === 'Key__c');
  assert.deepEqual([key.externalId, key.unique, key.nillable, key.length], [true, true, false, 255]);
  const global = await conn.describeGlobal();
  assert.ok(global.sobjects.some((item) => item.name === 'AR_Summary__c'));
});

test('limits and the usage header', async () => {
  const limits = await conn.limits();
  assert.equal(limits.DailyApiRequests.Max, 100000);
  assert.equal(conn.limitInfo.apiUsage.limit, 100000);
});

test('deleted and updated', async () => {
  const made = await admin.sobject('Account').create({ Name: 'Soon gone' });
  await admin.sobject('Account').destroy(made.id);
  const start = new Date(Date.now() - 120_000);
  const end = new Date(Date.now() + 60_000);
  const deleted = await admin.sobject('Account').deleted(start, end);
  assert.ok(deleted.deletedRecords.some((record) => record.id === made.id));
  const updated = await admin.sobject('Account').updated(start, end);
  assert.ok(updated.ids.includes(account));
});

test('errors are the platform’s', async () => {
  await assert.rejects(conn.query('SELECT Nope__c FROM Account'), { errorCode: 'INVALID_FIELD' });
  await assert.rejects(conn.query('SELECT Id FROM Nope__c'), { errorCode: 'INVALID_TYPE' });
  await assert.rejects(conn.query('SELECT FROM Account'), { errorCode: 'MALFORMED_QUERY' });
  await assert.rejects(conn.sobject('AR_Payment__c').create({ Name: 'P' }), { errorCode: 'REQUIRED_FIELD_MISSING' });
});

test('bulk 2.0: upsert and its results', async () => {
  const rows = [invoice('bulk:1'), invoice('bulk:2', { Status__c: 'Nonsense' }), invoice('bulk:3')];
  const job = conn.bulk2.createJob({ object: 'AR_Invoice__c', operation: 'upsert', externalIdFieldName: 'Key__c' });
  await job.open();
  await job.uploadData(rows);
  await job.close();
  await job.poll(50, 10_000);
  const { successfulResults, failedResults, unprocessedRecords } = await job.getAllResults();
  assert.deepEqual(successfulResults.map((row) => row.Key__c).sort(), ['bulk:1', 'bulk:3']);
  assert.ok(successfulResults.every((row) => row.sf__Created === 'true' && row.sf__Id.length === 18));
  assert.match(failedResults[0].sf__Error, /^INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST:/);
  assert.equal(unprocessedRecords.length, 0);
});

test('bulk 2.0: query', async () => {
  const stream = await conn.bulk2.query("SELECT Id, Key__c FROM AR_Invoice__c WHERE Key__c LIKE 'page:%'", { pollInterval: 50, pollTimeout: 10_000 });
  const records = await stream.toArray();
  assert.equal(records.length, 2200);
});

test('composite request with references', async () => {
  const answer = await admin.request({
    method: 'POST',
    url: `/services/data/v${version}/composite`,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      allOrNone: true,
      compositeRequest: [
        { method: 'POST', url: `/services/data/v${version}/sobjects/Account`, referenceId: 'parent', body: { Name: 'Ref' } },
        { method: 'POST', url: `/services/data/v${version}/sobjects/Contact`, referenceId: 'child', body: { LastName: 'Bluth', AccountId: '@{parent.id}' } },
      ],
    }),
  });
  assert.deepEqual(answer.compositeResponse.map((one) => one.httpStatusCode), [201, 201]);
});
