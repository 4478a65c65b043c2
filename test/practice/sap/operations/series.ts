import type { Fields } from '../../kernel/json.ts';
import { numberOf, textOf } from '../../kernel/json.ts';
import type { Company } from '../company/model.ts';
import type { DocumentKind } from '../documents/kinds.ts';
import { documentKinds, findKindByType } from '../documents/kinds.ts';
import { noMatch } from '../errors.ts';
import type { Scene, SlRequest, SlResponse } from '../messages.ts';
import { complex, complexList, recordParameter } from './answers.ts';

/**
 * A document's series: the usual one, and one of last year that is locked. Its numbers start where the usual one's do,
 * so that a number alone names no document. The platform calls the series' own number SeriesProperty.
 */
function seriesOf(company: Company, kind: DocumentKind): readonly Fields[] {
  const numbers = company
    .table(kind.set)
    .all()
    .map((row) => numberOf(row, 'DocNum'));
  const highest = numbers.reduce((top, number) => Math.max(top, number), kind.firstNumber - 1);
  const base: Fields = {
    Document: String(kind.objectType),
    DocumentSubType: '--',
    InitialNumber: kind.firstNumber,
    GroupCode: 'sg_Group1',
    PeriodIndicator: 'Default',
    IsDigitalSeries: 'tNO',
    SeriesType: 'stDocument',
    IsManual: 'tNO',
  };
  const next = kind.firstNumber + 40;
  return [
    { ...base, SeriesProperty: kind.objectType, Name: 'Primär', NextNumber: highest + 1, Locked: 'tNO' },
    { ...base, SeriesProperty: kind.objectType * 1000, Name: 'Vorjahr', NextNumber: next, Locked: 'tYES' },
  ];
}

/** All of one document type's; none for a type that the company does not number. */
export function getDocumentSeries(scene: Scene, request: SlRequest): SlResponse {
  const kind = askedKind(request);
  return complexList(scene, 'Series', kind === undefined ? [] : seriesOf(scene.company, kind));
}

export function getDefaultSeries(scene: Scene, request: SlRequest): SlResponse {
  const kind = askedKind(request);
  const [first] = kind === undefined ? [] : seriesOf(scene.company, kind);
  if (first === undefined) throw noMatch();
  return complex(scene, 'Series', first);
}

export function getSeries(scene: Scene, request: SlRequest): SlResponse {
  const wanted = numberOf(recordParameter(request, 'SeriesParams'), 'Series');
  const all = documentKinds.flatMap((kind) => seriesOf(scene.company, kind));
  const found = all.find((row) => numberOf(row, 'SeriesProperty') === wanted);
  if (found === undefined) throw noMatch();
  return complex(scene, 'Series', found);
}

function askedKind(request: SlRequest): DocumentKind | undefined {
  return findKindByType(Number(textOf(recordParameter(request, 'DocumentTypeParams'), 'Document')));
}
