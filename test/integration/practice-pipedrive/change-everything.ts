import { changeActivity, createActivity, deleteActivity } from '../../practice/pipedrive/company/activities.ts';
import { changeNote, createNote, deleteNote } from '../../practice/pipedrive/company/notes.ts';
import {
  changePipeline,
  changeStage,
  createPipeline,
  createStage,
  removePipeline,
  removeStage,
} from '../../practice/pipedrive/company/pipelines.ts';
import type { Rig } from './harness.ts';

/** Creates, changes and deletes a record of every kind that webhooks tell about. */
export function changeEverything({ company }: Rig): void {
  const org = company.createOrganization({ name: 'O' });
  company.updateOrganization(org.id, { name: 'O2' });
  const person = company.createPerson({ name: 'P Q' });
  company.updatePerson(person.id, { name: 'P R' });
  const product = company.createProduct({ name: 'Pr' });
  company.updateProduct(product.id, { name: 'Pr2' });
  const deal = company.createDeal({ title: 'D' });
  company.updateDeal(deal.id, { title: 'D2' });
  company.deleteDeal(deal.id);
  company.deletePerson(person.id);
  company.deleteProduct(product.id);
  company.deleteOrganization(org.id);
  const [user] = company.users();
  if (!user) return;
  company.addUser({ id: 50, name: 'New', email: 'new@acme.example' });
  company.updateUser(50, { name: 'Newer' });
  const { state } = company;
  const by = { user, source: 'app' } as const;
  const activity = createActivity(state, by, { subject: 'A' });
  changeActivity(state, by, activity, { subject: 'B' });
  deleteActivity(state, by, activity);
  const note = createNote(state, by, { content: 'n', org_id: company.createOrganization({ name: 'N' }).id });
  changeNote(state, by, note, { content: 'm' });
  deleteNote(state, by, note);
  const pipeline = createPipeline(state, by, { name: 'P' });
  changePipeline(state, by, pipeline, { name: 'Q' });
  const stage = createStage(state, by, { name: 'S', pipeline_id: pipeline.id });
  changeStage(state, by, stage, { name: 'T' });
  removeStage(state, by, stage);
  removePipeline(state, by, pipeline);
}
