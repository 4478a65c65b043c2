import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { type Described, describeSap, type FieldKind } from './sap-descriptions.ts';

/**
 * Writes server/sap/names.generated.ts: the property names of Service Layer that we use, each with the kind of its
 * value, checked against the official descriptions. Run it with `npx tsx scripts/generate-sap-names.ts` after adding a
 * name below.
 */
const SETS: Readonly<Record<string, string>> = {
  BusinessPartners: 'BusinessPartner',
  BusinessPartnerGroups: 'BusinessPartnerGroup',
  Items: 'Item',
  ItemGroups: 'ItemGroups',
  ProductTrees: 'ProductTree',
  UnitOfMeasurements: 'UnitOfMeasurement',
  UnitOfMeasurementGroups: 'UnitOfMeasurementGroup',
  Warehouses: 'Warehouse',
  PriceLists: 'PriceList',
  SpecialPrices: 'SpecialPrice',
  EnhancedDiscountGroups: 'EnhancedDiscountGroup',
  BlanketAgreements: 'BlanketAgreement',
  PaymentTermsTypes: 'PaymentTermsType',
  SalesPersons: 'SalesPerson',
  Currencies: 'Currency',
  VatGroups: 'VatGroup',
  SalesTaxCodes: 'SalesTaxCode',
  BusinessPlaces: 'BusinessPlace',
  Dimensions: 'Dimension',
  ProfitCenters: 'ProfitCenter',
  DistributionRules: 'DistributionRule',
  Quotations: 'Document',
  Orders: 'Document',
  DeliveryNotes: 'Document',
  Invoices: 'Document',
  CreditNotes: 'Document',
  PurchaseOrders: 'Document',
  Drafts: 'Document',
  IncomingPayments: 'Payment',
  JournalEntries: 'JournalEntry',
  PickLists: 'PickList',
  ApprovalRequests: 'ApprovalRequest',
  UserFieldsMD: 'UserFieldMD',
  UserTablesMD: 'UserTablesMD',
  UserKeysMD: 'UserKeysMD',
  SQLQueries: 'SQLQuery',
  EventSubscriptions: 'EventSubscription',
  EventNotifications: 'EventNotification',
};

/** Yes-or-no marks of an item that discount groups go by. */
const PROPERTIES = Array.from({ length: 64 }, (_, index) => `Properties${index + 1}`).join(' ');

const NAMES: Readonly<Record<string, string>> = {
  BusinessPartner: `CardCode CardName CardType GroupCode FederalTaxID VatIDNum Valid ValidFrom ValidTo Frozen
    FrozenFrom FrozenTo CreditLimit MaxCommitment CurrentAccountBalance OpenOrdersBalance OpenDeliveryNotesBalance
    OpenChecksBalance FatherCard Currency PriceListNum DiscountPercent EffectivePrice EffectiveDiscount
    PayTermsGrpCode SalesPersonCode VatGroup Address ZipCode City Country BilltoDefault ShipToDefault Phone1 Phone2
    Cellular EmailAddress Website ContactPerson Series BPAddresses ContactEmployees DiscountGroups UpdateDate
    UpdateTime CreateDate CreateTime DataVersion CardForeignName EffectivePriceConsidersPriceBeforeDiscount
    NoDiscounts DefaultBlanketAgreementNumber PaymentBlock DunningLevel BPBranchAssignment`,
  BPAddress: `AddressName AddressType AddressName2 AddressName3 Street StreetNo Block BuildingFloorRoom ZipCode City County
    State Country FederalTaxID TaxCode RowNum BPCode`,
  ContactEmployee: `InternalCode Name FirstName MiddleName LastName Title Position E_Mail Phone1 Phone2 MobilePhone Active
    UpdateDate UpdateTime`,
  DiscountGroup: 'ObjectEntry DiscountPercentage BaseObjectType BPCode',
  BusinessPartnerGroup: 'Code Name Type',
  Item: `ItemCode ItemName ItemsGroupCode ItemType TreeType SalesUnit SalesItemsPerUnit PurchaseUnit
    PurchaseItemsPerUnit InventoryUOM UoMGroupEntry DefaultSalesUoMEntry DefaultPurchasingUoMEntry InventoryUoMEntry
    PricingUnit SalesItem PurchaseItem InventoryItem Manufacturer SalesVATGroup DefaultWarehouse QuantityOnStock
    QuantityOrderedByCustomers QuantityOrderedFromVendors Valid ValidFrom ValidTo Frozen FrozenFrom FrozenTo
    ItemPrices ItemWarehouseInfoCollection UpdateDate UpdateTime CreateDate CreateTime DataVersion ForeignName
    BarCode ManageBatchNumbers ManageSerialNumbers NoDiscounts ${PROPERTIES}`,
  ItemPrice: 'PriceList Price Currency BasePriceList Factor UoMPrices',
  UoMPrice: 'PriceList UoMEntry ReduceBy Price Currency Auto',
  ItemWarehouseInfo: 'WarehouseCode InStock Committed Ordered MinimalStock Locked',
  ItemGroups: 'Number GroupName',
  ProductTree: 'TreeCode TreeType Quantity Warehouse PriceList ProductTreeLines',
  ProductTreeLine: 'ItemCode Quantity Warehouse Price Currency PriceList ParentItem ChildNum ItemType',
  UnitOfMeasurement: 'AbsEntry Code Name',
  UnitOfMeasurementGroup: 'AbsEntry Code Name BaseUoM UoMGroupDefinitionCollection',
  UoMGroupDefinition: 'AlternateUoM AlternateQuantity BaseQuantity Active',
  Warehouse: 'WarehouseCode WarehouseName Inactive DropShip Nettable BusinessPlaceID EnableBinLocations',
  PriceList: `PriceListNo PriceListName BasePriceList Factor IsGrossPrice Active ValidFrom ValidTo RoundingMethod
    DefaultPrimeCurrency`,
  SpecialPrice: `ItemCode CardCode Price Currency DiscountPercent PriceListNum AutoUpdate SourcePrice Valid ValidFrom ValidTo
    SpecialPriceDataAreas`,
  SpecialPriceDataArea: `RowNumber ItemNo BPCode DateFrom Dateto SpecialPrice PriceCurrency Discount PriceListNo AutoUpdate
    SpecialPriceQuantityAreas`,
  SpecialPriceQuantityArea: 'RowNumber Quantity SpecialPrice PriceCurrency Discountin UoMEntry',
  EnhancedDiscountGroup: `AbsEntry Type ObjectCode DiscountRelations Active ValidFrom ValidTo DiscountGroupLineCollection`,
  DiscountGroupLine:
    'AbsEntry ObjectType ObjectCode DiscountType Discount PaidQuantity FreeQuantity MaximumFreeQuantity',
  BlanketAgreement: `AgreementNo DocNum BPCode StartDate EndDate TerminateDate AgreementMethod Status PriceList
    IgnorePricesInAgreement PriceMode BPCurrency BlanketAgreements_ItemsLines`,
  BlanketAgreements_ItemsLine: `AgreementNo AgreementRowNumber ItemNo PlannedQuantity UnitPrice LineDiscount
    PriceCurrency CumulativeQuantity UoMEntry`,
  PaymentTermsType: `GroupNumber PaymentTermsGroupName StartFrom NumberOfAdditionalMonths NumberOfAdditionalDays
    BaselineDate DiscountCode PriceListNo`,
  SalesPerson: 'SalesEmployeeCode SalesEmployeeName Active Locked Email EmployeeID',
  Currency: 'Code Name DocumentsCode InternationalDescription Decimals RoundingInPayment Rounding',
  VatGroup: 'Code Name Category Inactive VatGroups_Lines',
  VatGroups_Line: 'Effectivefrom Rate',
  SalesTaxCode: 'Code Name Rate Inactive ValidForAR',
  BusinessPlace: 'BPLID BPLName MainBPL Disabled DefaultWarehouseID',
  Dimension: 'DimensionCode DimensionName DimensionDescription IsActive',
  ProfitCenter: 'CenterCode CenterName InWhichDimension EffectiveFrom EffectiveTo Active',
  DistributionRule: 'FactorCode FactorDescription InWhichDimension Direct Active DistributionRuleLines TotalFactor',
  DistributionRuleLine: 'CenterCode TotalInCenter',
  Document: `DocEntry DocNum DocType Series CardCode CardName NumAtCard DocDate DocDueDate TaxDate CreationDate DocCurrency
    DocRate DocTotal DocTotalFc VatSum VatSumFc DiscountPercent TotalDiscount RoundingDiffAmount PaidToDate PaidToDateFC Comments
    ContactPersonCode SalesPersonCode PaymentGroupCode ShipToCode PayToCode Address Address2 Confirmed PriceMode
    BPL_IDAssignedToInvoice BlanketAgreementNumber DocObjectCode DocumentStatus Cancelled CancelStatus
    AuthorizationStatus PickStatus UpdateDate UpdateTime DataVersion DocumentLines`,
  DocumentLine: `LineNum ItemCode ItemDescription Quantity RemainingOpenQuantity InventoryQuantity
    RemainingOpenInventoryQuantity UnitPrice Price PriceAfterVAT GrossPrice PriceSource Currency DiscountPercent LineTotal
    RowTotalFC TaxTotal VatGroup TaxCode WarehouseCode ShipDate UoMEntry UoMCode UnitsOfMeasurment CostingCode CostingCode2
    CostingCode3 CostingCode4 CostingCode5 SalesPersonCode AgreementNo AgreementRowNumber BaseType BaseEntry BaseLine
    LineStatus LineType TreeType PickStatusEx PickQuantity`,
  Payment: `DocEntry DocNum DocDate CardCode DocCurrency CashSum TransferSum CheckAccount Cancelled PaymentInvoices`,
  PaymentInvoice: 'LineNum DocEntry DocLine InvoiceType SumApplied AppliedFC',
  JournalEntry: 'JdtNum ReferenceDate JournalEntryLines',
  JournalEntryLine: 'Line_ID ShortName AccountCode Debit Credit DueDate',
  PickList: 'Absoluteentry Name Status PickDate PickListsLines',
  PickListsLine: `AbsoluteEntry LineNumber OrderEntry OrderRowID PickedQuantity PickStatus ReleasedQuantity
    PreviouslyReleasedQuantity BaseObjectType`,
  ApprovalRequest: `Code ObjectType ObjectEntry DraftEntry DraftType IsDraft OriginatorID Status Remarks CreationDate
    CurrentStage ApprovalRequestLines ApprovalRequestDecisions`,
  ApprovalRequestLine: 'StageCode UserID Status Remarks UpdateDate UpdateTime',
  ApprovalRequestDecision: 'ApproverUserName Status Remarks',
  UserFieldMD: 'TableName FieldID Name Description Type SubType Size EditSize Mandatory DefaultValue ValidValuesMD',
  ValidValueMD: 'Value Description',
  UserTablesMD: 'TableName TableDescription TableType',
  UserKeysMD: 'TableName KeyIndex KeyName Unique UserKeysMD_Elements',
  UserKeysMD_Element: 'SubKeyIndex ColumnAlias',
  SQLQuery: 'SqlCode SqlName SqlText ParamList',
  EventSubscription: `WebhookID WebhookURL AuthenticationType AuthenticationCred Handshake VerifyCertificate State WorkMode
    EventCollection LastSentDate LastSentTime LastErrMsg`,
  Event: 'BusinessObject TransactionType ObjectType',
  EventNotification:
    'EventID SourceDB BusinessObject ObjectType Operation Status FieldNames FieldValues CreateDate CreateTime',
  BPBranchAssignmentItem: 'BPLID DisabledForBP',
  ItemPriceParams: `CardCode ItemCode Date UoMQuantity UoMEntry InventoryQuantity Currency PriceList BlanketAgreementNumber
    BlanketAgreementLine`,
  ItemPriceReturnParams: 'Price Currency Discount',
  DocumentTypeParams: 'Document DocumentSubType',
  Series: `Document DocumentSubType InitialNumber LastNumber NextNumber Prefix Suffix Remarks GroupCode Locked
    PeriodIndicator Name SeriesProperty IsDigitalSeries BPLID IsManual`,
  CompanyInfo: 'CompanyName Version Localization LanguageCode BlockStockNegativeQuantity',
  AdminInfo: `Code CompanyName Country LocalCurrency SystemCurrency TotalsAccuracy PriceAccuracy RateAccuracy
    AccuracyofQuantities PercentageAccuracy MeasuringAccuracy CreditRestriction CommitmentRestriction RestrictSales
    RestrictDelNotesPO RestrictOrders BlockStockNegativeQuantity EnableApprovalProcedureInDI EnableBranches
    PriceSystem EnableWebhook ExcelFolderPath XMLFileFolderPath DefaultWarehouse DefaultTaxCode
    ConsiderDelNotesinSalesR DefaultCustomerPriceList`,
};

/** Fields and tables that the customer adds for us: user-defined, so that no official description has them. */
const OWN: Readonly<Record<string, Readonly<Record<string, FieldKind>>>> = {
  Document: { U_PD_Key: 'text' },
  UserTableRow: { Code: 'text', Name: 'text' },
};
const OWN_SETS = { U_PD_LINK: 'UserTableRow' };
const OWN_KEYS = { UserTableRow: ['Code'] };

const OUTPUT = new URL('../server/sap/names.generated.ts', import.meta.url);
const description = describeSap();

const unknown = [
  ...Object.entries(SETS).filter(([set, type]) => description.set(set)?.type !== type),
  ...Object.entries(NAMES).flatMap(([type, names]) => {
    const fields = description.type(type)?.fields;
    return words(names)
      .filter((name) => !fields?.has(name))
      .map((name) => [type, name]);
  }),
];
if (unknown.length > 0) {
  console.error(`Not in the official description: ${unknown.map((pair) => pair.join('.')).join(', ')}`);
  process.exit(1);
}

writeFileSync(OUTPUT, render());
execFileSync('npx', ['biome', 'format', '--write', 'server/sap/names.generated.ts'], { stdio: 'ignore' });

function render(): string {
  const keys = {
    ...Object.fromEntries([...new Set(Object.values(SETS))].map((type) => [type, keyOf(type)])),
    ...OWN_KEYS,
  };
  const types = Object.fromEntries(Object.keys({ ...NAMES, ...OWN }).map((type) => [type, fieldsOf(type)]));
  return `// Written by scripts/generate-sap-names.ts from the metadata of real SAP Business One 10.0 Service Layers:
// service-layer-reduced.index.json, and where that leaves a type out:
${elsewhere().join('\n')}
// Fields that begin with U_, and the table U_PD_LINK, are ours: the customer's SAP partner adds them from our sheet.
//
// Only newer feature packs have these, so they may not be asked for unseen:
${newer().join('\n')}
export const SAP_NAMES = {
  entitySets: ${JSON.stringify({ ...SETS, ...OWN_SETS })},
  keys: ${JSON.stringify(keys)},
  types: ${JSON.stringify(types)},
} as const;
`;
}

function fieldsOf(type: string): Record<string, FieldKind> {
  const described = description.type(type)?.fields;
  const known = words(NAMES[type] ?? '').flatMap((name) => {
    const kind = described?.get(name)?.kind;
    return kind === undefined ? [] : [[name, kind] as const];
  });
  return { ...Object.fromEntries(known), ...OWN[type] };
}

function keyOf(type: string): readonly string[] {
  const key = description.type(type)?.key ?? [];
  if (key.length === 0) throw new Error(`${type} has no key in the official description.`);
  return key;
}

function elsewhere(): string[] {
  const bySource = new Map<string, string[]>();
  for (const type of Object.keys(NAMES)) {
    const source: Described['source'] | undefined = description.type(type)?.source;
    if (source === undefined || source === 'service-layer-reduced.index.json') continue;
    bySource.set(source, [...(bySource.get(source) ?? []), type]);
  }
  return [...bySource].map(([source, types]) => `//   ${source}: ${types.join(', ')}`);
}

function newer(): string[] {
  return Object.entries(NAMES).flatMap(([type, names]) => {
    const fields = description.type(type)?.fields;
    const found = words(names).filter((name) => fields?.get(name)?.newer);
    return found.length === 0 ? [] : [`//   ${type}: ${found.join(', ')}`];
  });
}

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}
