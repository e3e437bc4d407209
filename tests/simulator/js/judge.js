// The vendor's client against one address and entity; prints what it understood of every answer as one JSON object.
"use strict";

const [url, entity] = process.argv.slice(2);
const IA = require("@intacct/intacct-sdk");
const { AccountsPayable, AccountsReceivable, Common, Company } = IA.Functions;
const { Query, QueryFilter, QueryOrderBy, QuerySelect } = Common.NewQuery;

IA.Credentials.Endpoint.isDomainValid = () => true; // it refuses every host outside of intacct.com
console.log = console.info = console.debug = () => {};

function config(changes = {}) {
    const given = new IA.ClientConfig();
    const login = { senderId: "sender", senderPassword: "x", companyId: "demo", userId: "ws_user", userPassword: "secret" };
    return Object.assign(given, login, { endpointUrl: url, entityId: entity || undefined }, changes);
}

function page(object, fields, size, offset, filter) {
    const select = new QuerySelect.SelectBuilder().addFields(fields).selects;
    const order = new QueryOrderBy.OrderBuilder().addAscending("RECORDNO").orders;
    const query = new Query().assignSelectFields(select).assignFromObject(object).assignOrderBy(order);
    query.assignPageSize(size).assignOffset(offset).assignShowPrivate(true);
    return filter ? query.assignFilter(filter) : query;
}

async function all(client, object, fields, size, filter) {
    const rows = [];
    for (;;) {
        const result = (await client.execute(page(object, fields, size, rows.length, filter))).results[0];
        rows.push(...result.data);
        if (result.numRemaining === 0) {
            return rows;
        }
    }
}

async function refusal(work) {
    try {
        await work();
    } catch (error) {
        return { kind: error.constructor.name, errors: error.errors || [error.message] };
    }
    return null;
}

function customer() {
    const made = new AccountsReceivable.CustomerCreate();
    return Object.assign(made, { customerId: "JS1", customerName: "Jo & Söhne", printAs: "Jo", active: true });
}

function line(Line) {
    return Object.assign(new Line(), { glAccountNumber: Line === AccountsPayable.BillLineCreate ? "6000" : "4000",
        transactionAmount: 10, memo: "judge", locationId: "E1-10" });
}

function document(Create, Line, party) {
    const dates = { transactionDate: new Date("2026-03-01T12:00:00Z"), dueDate: new Date("2026-03-31T12:00:00Z") };
    return Object.assign(new Create(), dates, party, { description: "judge", lines: [line(Line)] });
}

async function main() {
    const told = { entity };
    const signed = await IA.SessionProvider.factory(config());
    told.session = { endpoint: signed.endpointUrl, entity: signed.entityId, user: signed.userId, company: signed.companyId };
    const client = new IA.OnlineClient(signed);
    told.locations = (await all(client, "LOCATION", ["LOCATIONID"], 100)).map((row) => row.LOCATIONID);
    told.entities = (await all(client, "LOCATIONENTITY", ["LOCATIONID"], 100)).map((row) => row.LOCATIONID);
    told.paged = (await all(client, "CUSTOMER", ["RECORDNO", "CUSTOMERID"], 100)).map((row) => row.CUSTOMERID);
    const filter = new QueryFilter.Filter("CUSTOMERID").like("C000%");
    told.filtered = (await all(client, "CUSTOMER", ["CUSTOMERID"], 4, filter)).map((row) => row.CUSTOMERID);

    const first = Object.assign(new Common.ReadByQuery(), { objectName: "CUSTOMER", pageSize: 100, fields: ["CUSTOMERID"] });
    let result = (await client.execute(first)).results[0];
    told.cursor = result.data.map((row) => row.CUSTOMERID);
    told.total = result.totalCount;
    while (result.numRemaining > 0) {
        result = (await client.execute(Object.assign(new Common.ReadMore(), { resultId: result.resultId }))).results[0];
        told.cursor.push(...result.data.map((row) => row.CUSTOMERID));
    }

    const made = (await client.execute(customer())).results[0];
    told.created = made.data[0];
    const read = Object.assign(new Common.Read(), { objectName: "CUSTOMER", keys: [Number(made.data[0].RECORDNO)] });
    const back = (await client.execute(read)).results[0].data[0];
    told.read = { id: back.CUSTOMERID, name: back.NAME, printed: back.DISPLAYCONTACT.PRINTAS, owner: back.MEGAENTITYID };
    told.duplicate = await refusal(() => client.execute(customer()));

    const invoice = document(AccountsReceivable.InvoiceCreate, AccountsReceivable.InvoiceLineCreate, { customerId: "C0001" });
    told.invoice = (await client.execute(invoice)).results[0].key;
    const bill = document(AccountsPayable.BillCreate, AccountsPayable.BillLineCreate, { vendorId: "V1" });
    told.bill = (await client.execute(bill)).results[0].key;
    const item = Object.assign(new AccountsReceivable.ArPaymentItem(), { applyToRecordId: told.invoice, amountToApply: 4 });
    const payment = Object.assign(new AccountsReceivable.ArPaymentCreate(), { customerId: "C0001", bankAccountId: "1200",
        transactionPaymentAmount: 6, receivedDate: new Date("2026-03-02T12:00:00Z"), paymentMethod: "EFT",
        applyToTransactions: [item] });
    told.payment = (await client.execute(payment)).results[0].key;
    const apply = Object.assign(new AccountsReceivable.ArPaymentApply(), { recordNo: told.payment,
        receivedDate: new Date("2026-03-03T12:00:00Z"),
        applyToTransactions: [Object.assign(new AccountsReceivable.ArPaymentItem(), item, { amountToApply: 1 })] });
    told.applied = (await client.execute(apply)).results[0].key;
    const folder = Object.assign(new Company.AttachmentsFolderCreate(), { folderName: "Judge" });
    await client.execute(folder);
    const file = Object.assign(new Company.AttachmentFile(), { filePath: __filename });
    const attached = Object.assign(new Company.AttachmentsCreate(), { attachmentsId: "J1", attachmentsName: "Judge",
        attachmentFolderName: "Judge", files: [file] });
    told.attached = (await client.execute(attached)).results[0].key;
    const list = (await client.execute(Object.assign(new Common.GetList.GetList(), { object: "supdoc" }))).results[0];
    told.listed = { total: list.totalCount, start: list.start, end: list.end, ids: list.data.map((row) => row.supdocid) };

    told.badUser = await refusal(() => IA.SessionProvider.factory(config({ userPassword: "no" })));
    told.badSender = await refusal(() => IA.SessionProvider.factory(config({ senderPassword: "no" })));
    const stale = config({ sessionId: "stale..", userId: undefined, userPassword: undefined, companyId: undefined });
    told.badSession = await refusal(() => new IA.OnlineClient(stale).execute(read));
    process.stdout.write(JSON.stringify(told));
}

main().catch((error) => {
    process.stderr.write(`${error.stack}\n${JSON.stringify(error.errors)}\n`);
    process.exitCode = 1;
});
