import { z } from 'zod';
import type { DoctorStep } from '../../app/ports/erp-doctor.ts';
import { fitsOffset, offsetOfZone } from '../../domain/server-clock.ts';
import type { SapCompany } from '../company.ts';
import { preferPage, readOne, readRows } from '../lists.ts';
import { filled, isYes, OptionalNumber, OptionalText } from '../mappers/values.ts';
import { allOf, compare, type FieldOfType, list, text } from '../odata.ts';
import type { ServerPing } from '../ping.ts';
import { answerOf, ask, get, post } from '../probe/ask.ts';
import { type AdminInfo, keyField, ledger, newestStamps } from '../probe/questions.ts';
import { fine, note, wrong } from './steps.ts';

export function companyStep(company: SapCompany, info: AdminInfo): DoctorStep {
  const name = filled(info.CompanyName) ?? 'a company without a name';
  const currency = filled(info.LocalCurrency);
  const details = [`Database: ${company.access.companyDb}`, `Local currency: ${currency ?? 'not told'}`];
  if (currency !== null && currency !== company.access.localCurrency) {
    return wrong(
      'company',
      {
        sentence: `The company’s local currency is ${currency}; it was ${company.access.localCurrency} when it was connected.`,
        why: 'Another company may have been restored under this database’s name.',
        who: 'you',
        action: 'Make sure with your SAP partner that it is the right company, then connect it again.',
      },
      details,
    );
  }
  return fine('company', `The company is “${name}”.`, details);
}

/** What can be known about licences from outside. */
export function licenceStep(): DoctorStep {
  return fine('licence', 'The user has a licence that lets it in: the sign-in shows it.', [
    'How many licences are free cannot be asked through the Service Layer. Your SAP partner sees it under Administration, License.',
  ]);
}

const BranchRow = z.object({ BPLID: z.number(), BPLName: OptionalText, Disabled: OptionalText } satisfies Partial<
  Record<FieldOfType<'BusinessPlace'>, z.ZodType>
>);

export async function branchStep(company: SapCompany, info: AdminInfo): Promise<DoctorStep> {
  if (!isYes(info.EnableBranches)) return fine('branch', 'The company keeps no branches.');
  const target = list('BusinessPlaces', { select: ['BPLID', 'BPLName', 'Disabled'], orderBy: ['BPLID'], top: 50 });
  const told = await ask(
    company,
    get(target, { prefer: preferPage(50) }),
    (answer) => readRows(answer, BranchRow, 50).rows,
  );
  const open = (answerOf(told) ?? []).filter(({ Disabled }) => !isYes(Disabled));
  return note(
    'branch',
    {
      sentence: 'The company keeps branches, and an order has to belong to one.',
      why: 'This app names no branch on an order; SAP then takes the one that is assigned to the user.',
      who: 'sap_partner',
      action: 'Let your SAP partner assign one branch to the user of this app.',
    },
    open.map(({ BPLID, BPLName }) => `Branch ${BPLID}: ${BPLName ?? ''}`.trim()),
  );
}

const SeriesAnswer = z.object({
  Name: OptionalText,
  NextNumber: OptionalNumber,
  LastNumber: OptionalNumber,
  Locked: OptionalText,
} satisfies Partial<Record<FieldOfType<'Series'>, z.ZodType>>);
const ORDERS = '17';

export async function seriesStep(company: SapCompany): Promise<DoctorStep> {
  const params: Partial<Record<FieldOfType<'DocumentTypeParams'>, unknown>> = { Document: ORDERS };
  const told = await ask(company, post('SeriesService_GetDefaultSeries', { DocumentTypeParams: params }), (answer) =>
    readOne(answer, SeriesAnswer),
  );
  const series = answerOf(told);
  if (!series) {
    return note('series', {
      sentence: 'SAP does not tell which number series orders get.',
      why:
        told.feature === 'forbidden'
          ? 'The user may not read the series.'
          : 'This server does not answer that question.',
      who: 'nobody',
      action: 'Nothing to do unless orders are refused because of their series.',
    });
  }
  const { Name, NextNumber, LastNumber, Locked } = series;
  const used = typeof NextNumber === 'number' && isLimit(LastNumber) && NextNumber > LastNumber;
  const details = [`Series: ${Name ?? 'without a name'}`, `Next number: ${NextNumber ?? 'not told'}`];
  if (isYes(Locked) || used) {
    return wrong(
      'series',
      {
        sentence: used ? 'The number series for orders is used up.' : 'The number series for orders is locked.',
        who: 'sap_admin',
        action:
          'Set another default series for sales orders (Administration, System Initialization, Document Numbering).',
      },
      details,
    );
  }
  return fine('series', 'Orders get their numbers from an open series.', details);
}

/** A series without end has no last number; which of null and 0 stands for that is settled in no public document. */
function isLimit(lastNumber: number | null | undefined): lastNumber is number {
  return typeof lastNumber === 'number' && lastNumber > 0;
}

const FieldRow = z.object({ Name: z.string() } satisfies Partial<Record<FieldOfType<'UserFieldMD'>, z.ZodType>>);

/** Whether the definition of the key field can be read, and is there. */
async function definition(company: SapCompany) {
  const filter = allOf(
    compare<'UserFieldsMD'>('TableName', 'eq', text('ORDR')),
    compare<'UserFieldsMD'>('Name', 'eq', text('PD_Key')),
  );
  const target = list('UserFieldsMD', { select: ['TableName', 'Name'], filter, orderBy: ['TableName'], top: 1 });
  return ask(company, get(target), (answer) => readRows(answer, FieldRow, 1).rows.length > 0);
}

export async function userFieldsSteps(company: SapCompany): Promise<readonly DoctorStep[]> {
  const [told, field, guard] = [await definition(company), await keyField(company), await ledger(company)];
  const rights =
    told.feature === 'yes'
      ? fine('user_fields', 'The user may read the definitions of user fields.')
      : note('user_fields', {
          sentence: 'The user may not read the definitions of user fields.',
          why: 'That right is needed only where this app is to make the key field itself.',
          who: 'sap_partner',
          action: 'Give the user the right, or let your SAP partner make the field from the sheet.',
        });
  return [rights, keyFieldStep(field === 'yes', answerOf(told) === true, guard === 'yes')];
}

function keyFieldStep(present: boolean, defined: boolean, guarded: boolean): DoctorStep {
  if (present) {
    return fine('key_field', 'The key field is there: orders are found again and none is made twice.', [
      guarded
        ? 'The table U_PD_LINK is there too: SAP itself refuses a second order with the same key.'
        : 'The table U_PD_LINK is not there: after a silence the app waits and looks before it sends again.',
    ]);
  }
  if (defined) {
    return wrong('key_field', {
      sentence: 'The key field was made, and the Service Layer does not show it yet.',
      why: 'It reads new fields when it starts.',
      who: 'sap_partner',
      action: 'Restart the Service Layer at a quiet time.',
    });
  }
  return wrong('key_field', {
    sentence: 'The key field U_PD_Key is not there. Nothing is sent to SAP without it.',
    who: 'sap_partner',
    action: 'Agree to it in these settings, or give your SAP partner the sheet.',
  });
}

const NOTABLE_SKEW_MS = 60_000;

export function pingStep(ping: ServerPing): DoctorStep {
  if (ping.answered) return fine('ping', 'The Service Layer answers to a ping.');
  return note('ping', {
    sentence: 'The Service Layer does not answer to a ping.',
    why: 'Many proxies hide it. Everything works without it.',
    who: 'nobody',
    action: 'Nothing to do.',
  });
}

export async function clockStep(company: SapCompany, ping: ServerPing): Promise<DoctorStep> {
  const { timeZone } = company.access;
  const skewMs = ping.skewMs;
  const now = new Date(company.world.clock.now().getTime() + (skewMs ?? 0));
  const [newest = null] = await newestStamps(company, 'BusinessPartners');
  const details = [
    skewMs === null
      ? 'The server’s clock cannot be compared: it answers no ping.'
      : `The server’s clock is ${(skewMs / 1_000).toFixed(1)} s ahead of ours.`,
    `Assumed time zone: ${timeZone}`,
    newest ? `Latest change in SAP: ${newest.date} ${newest.time}` : 'No change in SAP carries a time.',
  ];
  if (skewMs !== null && Math.abs(skewMs) > NOTABLE_SKEW_MS) {
    return note(
      'clock',
      {
        sentence: 'The server’s clock is more than a minute off.',
        why: 'Documents made around midnight may get another day than people expect.',
        who: 'sap_admin',
        action: 'Let the server take its time from a time server.',
      },
      details,
    );
  }
  if (!fitsOffset(offsetOfZone(timeZone, now), { newest, at: now })) {
    return note(
      'clock',
      {
        sentence: 'SAP’s times lie ahead of the time zone that was assumed for this company.',
        why: 'The zone is taken from the company’s country.',
        who: 'sap_partner',
        action: 'Tell us the time zone of the SAP server if documents get the wrong day.',
      },
      details,
    );
  }
  return fine(
    'clock',
    skewMs === null ? 'Nothing speaks against the server’s clock.' : 'The server’s clock is right.',
    details,
  );
}

const SLOW_MS = 2_000;
const ROUNDS = 3;

/** Measured before anything else is asked, so that our own questions do not slow each other down. */
export async function roundTripStep(company: SapCompany): Promise<DoctorStep> {
  const target = list('PriceLists', { select: ['PriceListNo'], orderBy: ['PriceListNo'], top: 1 });
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    times.push(await timed(company, () => ask(company, get(target), () => undefined)));
  }
  const median = [...times].sort((a, b) => a - b)[1] ?? 0;
  const details = [`${times.map((time) => `${time} ms`).join(', ')}`];
  if (median > SLOW_MS) {
    return note(
      'round_trip',
      {
        sentence: `A small question takes SAP ${(median / 1_000).toFixed(1)} seconds.`,
        why: 'The Service Layer has too little to work with, or the way to it is slow.',
        who: 'sap_partner',
        action: 'Let your SAP partner look at the Service Layer’s load and settings.',
      },
      details,
    );
  }
  return fine('round_trip', `A small question is answered in ${median} ms.`, details);
}

const PAGE = 200;
const SLOW_ROWS_A_SECOND = 100;

export async function pageSpeedStep(company: SapCompany): Promise<DoctorStep> {
  const target = list('Items', { select: ['ItemCode', 'ItemName'], orderBy: ['ItemCode'], top: PAGE });
  let rows = 0;
  const took = await timed(company, async () => {
    const page = await ask(company, get(target, { prefer: preferPage(PAGE) }), (answer) =>
      readRows(answer, z.unknown(), PAGE),
    );
    rows = answerOf(page)?.rows.length ?? 0;
  });
  const perSecond = Math.round((rows * 1_000) / Math.max(took, 1));
  const details = [`${rows} items in ${took} ms`];
  if (rows >= PAGE / 2 && perSecond < SLOW_ROWS_A_SECOND) {
    return note(
      'page_speed',
      {
        sentence: `SAP reads ${perSecond} records a second; a first load takes long.`,
        who: 'sap_partner',
        action: 'Let your SAP partner look at the Service Layer’s load and settings.',
      },
      details,
    );
  }
  return fine(
    'page_speed',
    rows === 0 ? 'There are no items to measure with.' : `SAP reads ${perSecond} records a second.`,
    details,
  );
}

async function timed(company: SapCompany, work: () => Promise<unknown>): Promise<number> {
  const start = company.world.elapsed();
  await work();
  return Math.round(company.world.elapsed() - start);
}
