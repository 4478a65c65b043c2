/**
 * What the metadata of 2024 lacks: webhooks, from feature pack 2602 on. Same rows as the generated tables, written by hand
 * from the public OpenAPI description of a newer system (ballerina-platform/module-ballerinax-sap.businessone, Apache-2.0).
 */
export const newerTypeRows: Readonly<Record<string, { kind: string; open: boolean; key: string; properties: string }>> =
  {
    EventSubscription: {
      kind: 'entity',
      open: false,
      key: 'WebhookID',
      properties:
        'WebhookID:String WebhookURL:String AuthenticationType:AuthenticationTypeEnum AuthenticationCred:String Handshake:BoYesNoEnum VerifyCertificate:BoYesNoEnum State:WebhookStateEnum WorkMode:WebhookWorkModeEnum LastSentDate:DateTimeOffset LastSentTime:TimeOfDay LastErrMsg:String CreateDate:DateTimeOffset CreateTime:TimeOfDay UpdateDate:DateTimeOffset UpdateTime:TimeOfDay EventCollection:Event*',
    },
    Event: {
      kind: 'complex',
      open: false,
      key: '',
      properties: 'WebhookID:String BusinessObject:String ObjectType:String TransactionType:TransactionTypeEnum',
    },
    EventNotification: {
      kind: 'entity',
      open: false,
      key: 'EventID',
      properties:
        'EventID:String SourceDB:String BusinessObject:String ObjectType:String Operation:String TransactionType:String Status:EventStatusEnum ReplayState:EventReplayStateEnum FieldsInKey:Int32 FieldNames:String FieldValues:String CreateDate:DateTimeOffset CreateTime:TimeOfDay UpdateDate:DateTimeOffset UpdateTime:TimeOfDay UserID:String',
    },
  };

export const newerEnumRows: Readonly<Record<string, string>> = {
  AuthenticationTypeEnum: 'None|Basic|OAuth|HMAC',
  WebhookStateEnum: 'Active|Inactive|Exceptional',
  WebhookWorkModeEnum: 'Standard|Replay',
  TransactionTypeEnum: 'Created|Updated|Deleted|Cancelled|Reopened|Closed',
  EventStatusEnum: 'New|Failed|PartiallyDelivered|Delivered|Archived',
  EventReplayStateEnum: 'None|Replaying|Completed',
};
