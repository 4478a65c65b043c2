import type { CompanyState } from '../pipedrive/company/state.ts';
import { escapeHtml } from '../pipedrive/html.ts';
import { isJsonObject, type Json } from '../pipedrive/json.ts';
import type { BaseRecord, EntityName, FieldRecord, NoteRecord } from '../pipedrive/records.ts';

export function money(amount: number, currency: string): string {
  return new Intl.NumberFormat('en-IE', { style: 'currency', currency }).format(amount);
}

/** Custom fields that hold something, by name: this is where a person sees what came from SAP. */
export function fieldsCard(company: CompanyState, entity: EntityName, record: BaseRecord): string {
  const rows = company.fields[entity]
    .filter((field) => field.is_custom_field)
    .map((field) => {
      const value = record.custom_fields[field.field_code] ?? null;
      return `<dt>${escapeHtml(field.field_name)}</dt><dd>${value === null ? '<span class="soft">–</span>' : escapeHtml(shownValue(field, value))}</dd>`;
    });
  const body = rows.length === 0 ? '<span class="soft">No custom fields</span>' : `<dl>${rows.join('')}</dl>`;
  return `<section class="card" data-testid="fields"><h2>Details</h2><div class="in">${body}</div></section>`;
}

function shownValue(field: FieldRecord, value: Json): string {
  const label = (id: Json) => field.options?.find((option) => option.id === id)?.label ?? String(id);
  if (Array.isArray(value)) return value.map(label).join(', ');
  if (isJsonObject(value)) {
    const { value: inner, currency } = value;
    return typeof inner === 'number' && typeof currency === 'string' ? money(inner, currency) : String(inner ?? '');
  }
  return field.options ? label(value) : String(value);
}

/** Notes are HTML that has been sanitized when it was saved. */
export function notesCard(company: CompanyState, notes: readonly NoteRecord[]): string {
  const items = [...notes].reverse().map((note) => {
    const author = company.users.get(note.user_id)?.name ?? '';
    const pinned = note.pinned_to_deal_flag || note.pinned_to_organization_flag ? ' · pinned' : '';
    return `<div class="note">${note.content}<small>${escapeHtml(author)} · ${note.update_time}${pinned}</small></div>`;
  });
  const body = items.length === 0 ? '<span class="soft">No notes yet</span>' : items.join('');
  return `<section class="card" data-testid="notes"><h2>Notes</h2><div class="in">${body}</div></section>`;
}
