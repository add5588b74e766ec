package uatypes

// The types besides the built-in ones that open62541 knows in the ESP32 build,
// in its order (build/src_generated, types_generated.c).
var (
	TypeNodeClass                             = enumType("UA_NodeClass", 257)
	TypeArgument                              = structType[Argument]("UA_Argument", 296, 298)
	TypeEnumValueType                         = structType[EnumValueType]("UA_EnumValueType", 7594, 8251)
	TypeTimeZoneDataType                      = structType[TimeZoneDataType]("UA_TimeZoneDataType", 8912, 8917)
	TypeApplicationType                       = enumType("UA_ApplicationType", 307)
	TypeApplicationDescription                = structType[ApplicationDescription]("UA_ApplicationDescription", 308, 310)
	TypeRequestHeader                         = structType[RequestHeader]("UA_RequestHeader", 389, 391)
	TypeResponseHeader                        = structType[ResponseHeader]("UA_ResponseHeader", 392, 394)
	TypeServiceFault                          = structType[ServiceFault]("UA_ServiceFault", 395, 397)
	TypeFindServersRequest                    = structType[FindServersRequest]("UA_FindServersRequest", 420, 422)
	TypeFindServersResponse                   = structType[FindServersResponse]("UA_FindServersResponse", 423, 425)
	TypeServerOnNetwork                       = structType[ServerOnNetwork]("UA_ServerOnNetwork", 12189, 12207)
	TypeFindServersOnNetworkRequest           = structType[FindServersOnNetworkRequest]("UA_FindServersOnNetworkRequest", 12190, 12208)
	TypeFindServersOnNetworkResponse          = structType[FindServersOnNetworkResponse]("UA_FindServersOnNetworkResponse", 12191, 12209)
	TypeMessageSecurityMode                   = enumType("UA_MessageSecurityMode", 302)
	TypeUserTokenType                         = enumType("UA_UserTokenType", 303)
	TypeUserTokenPolicy                       = structType[UserTokenPolicy]("UA_UserTokenPolicy", 304, 306)
	TypeEndpointDescription                   = structType[EndpointDescription]("UA_EndpointDescription", 312, 314)
	TypeGetEndpointsRequest                   = structType[GetEndpointsRequest]("UA_GetEndpointsRequest", 426, 428)
	TypeGetEndpointsResponse                  = structType[GetEndpointsResponse]("UA_GetEndpointsResponse", 429, 431)
	TypeRegisteredServer                      = structType[RegisteredServer]("UA_RegisteredServer", 432, 434)
	TypeRegisterServerRequest                 = structType[RegisterServerRequest]("UA_RegisterServerRequest", 435, 437)
	TypeRegisterServerResponse                = structType[RegisterServerResponse]("UA_RegisterServerResponse", 438, 440)
	TypeDiscoveryConfiguration                = structType[DiscoveryConfiguration]("UA_DiscoveryConfiguration", 12890, 12900)
	TypeMdnsDiscoveryConfiguration            = structType[MdnsDiscoveryConfiguration]("UA_MdnsDiscoveryConfiguration", 12891, 12901)
	TypeRegisterServer2Request                = structType[RegisterServer2Request]("UA_RegisterServer2Request", 12193, 12211)
	TypeRegisterServer2Response               = structType[RegisterServer2Response]("UA_RegisterServer2Response", 12194, 12212)
	TypeSecurityTokenRequestType              = enumType("UA_SecurityTokenRequestType", 315)
	TypeChannelSecurityToken                  = structType[ChannelSecurityToken]("UA_ChannelSecurityToken", 441, 443)
	TypeOpenSecureChannelRequest              = structType[OpenSecureChannelRequest]("UA_OpenSecureChannelRequest", 444, 446)
	TypeOpenSecureChannelResponse             = structType[OpenSecureChannelResponse]("UA_OpenSecureChannelResponse", 447, 449)
	TypeCloseSecureChannelRequest             = structType[CloseSecureChannelRequest]("UA_CloseSecureChannelRequest", 450, 452)
	TypeCloseSecureChannelResponse            = structType[CloseSecureChannelResponse]("UA_CloseSecureChannelResponse", 453, 455)
	TypeSignedSoftwareCertificate             = structType[SignedSoftwareCertificate]("UA_SignedSoftwareCertificate", 344, 346)
	TypeSignatureData                         = structType[SignatureData]("UA_SignatureData", 456, 458)
	TypeCreateSessionRequest                  = structType[CreateSessionRequest]("UA_CreateSessionRequest", 459, 461)
	TypeCreateSessionResponse                 = structType[CreateSessionResponse]("UA_CreateSessionResponse", 462, 464)
	TypeUserIdentityToken                     = structType[UserIdentityToken]("UA_UserIdentityToken", 316, 318)
	TypeAnonymousIdentityToken                = structType[AnonymousIdentityToken]("UA_AnonymousIdentityToken", 319, 321)
	TypeUserNameIdentityToken                 = structType[UserNameIdentityToken]("UA_UserNameIdentityToken", 322, 324)
	TypeX509IdentityToken                     = structType[X509IdentityToken]("UA_X509IdentityToken", 325, 327)
	TypeIssuedIdentityToken                   = structType[IssuedIdentityToken]("UA_IssuedIdentityToken", 938, 940)
	TypeActivateSessionRequest                = structType[ActivateSessionRequest]("UA_ActivateSessionRequest", 465, 467)
	TypeActivateSessionResponse               = structType[ActivateSessionResponse]("UA_ActivateSessionResponse", 468, 470)
	TypeCloseSessionRequest                   = structType[CloseSessionRequest]("UA_CloseSessionRequest", 471, 473)
	TypeCloseSessionResponse                  = structType[CloseSessionResponse]("UA_CloseSessionResponse", 474, 476)
	TypeNodeAttributesMask                    = enumType("UA_NodeAttributesMask", 348)
	TypeNodeAttributes                        = structType[NodeAttributes]("UA_NodeAttributes", 349, 351)
	TypeObjectAttributes                      = structType[ObjectAttributes]("UA_ObjectAttributes", 352, 354)
	TypeVariableAttributes                    = structType[VariableAttributes]("UA_VariableAttributes", 355, 357)
	TypeMethodAttributes                      = structType[MethodAttributes]("UA_MethodAttributes", 358, 360)
	TypeObjectTypeAttributes                  = structType[ObjectTypeAttributes]("UA_ObjectTypeAttributes", 361, 363)
	TypeVariableTypeAttributes                = structType[VariableTypeAttributes]("UA_VariableTypeAttributes", 364, 366)
	TypeReferenceTypeAttributes               = structType[ReferenceTypeAttributes]("UA_ReferenceTypeAttributes", 367, 369)
	TypeDataTypeAttributes                    = structType[DataTypeAttributes]("UA_DataTypeAttributes", 370, 372)
	TypeViewAttributes                        = structType[ViewAttributes]("UA_ViewAttributes", 373, 375)
	TypeAddNodesItem                          = structType[AddNodesItem]("UA_AddNodesItem", 376, 378)
	TypeAddNodesResult                        = structType[AddNodesResult]("UA_AddNodesResult", 483, 485)
	TypeAddNodesRequest                       = structType[AddNodesRequest]("UA_AddNodesRequest", 486, 488)
	TypeAddNodesResponse                      = structType[AddNodesResponse]("UA_AddNodesResponse", 489, 491)
	TypeAddReferencesItem                     = structType[AddReferencesItem]("UA_AddReferencesItem", 379, 381)
	TypeAddReferencesRequest                  = structType[AddReferencesRequest]("UA_AddReferencesRequest", 492, 494)
	TypeAddReferencesResponse                 = structType[AddReferencesResponse]("UA_AddReferencesResponse", 495, 497)
	TypeDeleteNodesItem                       = structType[DeleteNodesItem]("UA_DeleteNodesItem", 382, 384)
	TypeDeleteNodesRequest                    = structType[DeleteNodesRequest]("UA_DeleteNodesRequest", 498, 500)
	TypeDeleteNodesResponse                   = structType[DeleteNodesResponse]("UA_DeleteNodesResponse", 501, 503)
	TypeDeleteReferencesItem                  = structType[DeleteReferencesItem]("UA_DeleteReferencesItem", 385, 387)
	TypeDeleteReferencesRequest               = structType[DeleteReferencesRequest]("UA_DeleteReferencesRequest", 504, 506)
	TypeDeleteReferencesResponse              = structType[DeleteReferencesResponse]("UA_DeleteReferencesResponse", 507, 509)
	TypeBrowseDirection                       = enumType("UA_BrowseDirection", 510)
	TypeViewDescription                       = structType[ViewDescription]("UA_ViewDescription", 511, 513)
	TypeBrowseDescription                     = structType[BrowseDescription]("UA_BrowseDescription", 514, 516)
	TypeBrowseResultMask                      = enumType("UA_BrowseResultMask", 517)
	TypeReferenceDescription                  = structType[ReferenceDescription]("UA_ReferenceDescription", 518, 520)
	TypeBrowseResult                          = structType[BrowseResult]("UA_BrowseResult", 522, 524)
	TypeBrowseRequest                         = structType[BrowseRequest]("UA_BrowseRequest", 525, 527)
	TypeBrowseResponse                        = structType[BrowseResponse]("UA_BrowseResponse", 528, 530)
	TypeBrowseNextRequest                     = structType[BrowseNextRequest]("UA_BrowseNextRequest", 531, 533)
	TypeBrowseNextResponse                    = structType[BrowseNextResponse]("UA_BrowseNextResponse", 534, 536)
	TypeRelativePathElement                   = structType[RelativePathElement]("UA_RelativePathElement", 537, 539)
	TypeRelativePath                          = structType[RelativePath]("UA_RelativePath", 540, 542)
	TypeBrowsePath                            = structType[BrowsePath]("UA_BrowsePath", 543, 545)
	TypeBrowsePathTarget                      = structType[BrowsePathTarget]("UA_BrowsePathTarget", 546, 548)
	TypeBrowsePathResult                      = structType[BrowsePathResult]("UA_BrowsePathResult", 549, 551)
	TypeTranslateBrowsePathsToNodeIDsRequest  = structType[TranslateBrowsePathsToNodeIDsRequest]("UA_TranslateBrowsePathsToNodeIdsRequest", 552, 554)
	TypeTranslateBrowsePathsToNodeIDsResponse = structType[TranslateBrowsePathsToNodeIDsResponse]("UA_TranslateBrowsePathsToNodeIdsResponse", 555, 557)
	TypeRegisterNodesRequest                  = structType[RegisterNodesRequest]("UA_RegisterNodesRequest", 558, 560)
	TypeRegisterNodesResponse                 = structType[RegisterNodesResponse]("UA_RegisterNodesResponse", 561, 563)
	TypeUnregisterNodesRequest                = structType[UnregisterNodesRequest]("UA_UnregisterNodesRequest", 564, 566)
	TypeUnregisterNodesResponse               = structType[UnregisterNodesResponse]("UA_UnregisterNodesResponse", 567, 569)
	TypeFilterOperator                        = enumType("UA_FilterOperator", 576)
	TypeContentFilterElement                  = structType[ContentFilterElement]("UA_ContentFilterElement", 583, 585)
	TypeContentFilter                         = structType[ContentFilter]("UA_ContentFilter", 586, 588)
	TypeFilterOperand                         = structType[FilterOperand]("UA_FilterOperand", 589, 591)
	TypeElementOperand                        = structType[ElementOperand]("UA_ElementOperand", 592, 594)
	TypeLiteralOperand                        = structType[LiteralOperand]("UA_LiteralOperand", 595, 597)
	TypeAttributeOperand                      = structType[AttributeOperand]("UA_AttributeOperand", 598, 600)
	TypeSimpleAttributeOperand                = structType[SimpleAttributeOperand]("UA_SimpleAttributeOperand", 601, 603)
	TypeContentFilterElementResult            = structType[ContentFilterElementResult]("UA_ContentFilterElementResult", 604, 606)
	TypeContentFilterResult                   = structType[ContentFilterResult]("UA_ContentFilterResult", 607, 609)
	TypeTimestampsToReturn                    = enumType("UA_TimestampsToReturn", 625)
	TypeReadValueID                           = structType[ReadValueID]("UA_ReadValueId", 626, 628)
	TypeReadRequest                           = structType[ReadRequest]("UA_ReadRequest", 629, 631)
	TypeReadResponse                          = structType[ReadResponse]("UA_ReadResponse", 632, 634)
	TypeWriteValue                            = structType[WriteValue]("UA_WriteValue", 668, 670)
	TypeWriteRequest                          = structType[WriteRequest]("UA_WriteRequest", 671, 673)
	TypeWriteResponse                         = structType[WriteResponse]("UA_WriteResponse", 674, 676)
	TypeCallMethodRequest                     = structType[CallMethodRequest]("UA_CallMethodRequest", 704, 706)
	TypeCallMethodResult                      = structType[CallMethodResult]("UA_CallMethodResult", 707, 709)
	TypeCallRequest                           = structType[CallRequest]("UA_CallRequest", 710, 712)
	TypeCallResponse                          = structType[CallResponse]("UA_CallResponse", 713, 715)
	TypeMonitoringMode                        = enumType("UA_MonitoringMode", 716)
	TypeDataChangeTrigger                     = enumType("UA_DataChangeTrigger", 717)
	TypeDeadbandType                          = enumType("UA_DeadbandType", 718)
	TypeDataChangeFilter                      = structType[DataChangeFilter]("UA_DataChangeFilter", 722, 724)
	TypeEventFilter                           = structType[EventFilter]("UA_EventFilter", 725, 727)
	TypeAggregateConfiguration                = structType[AggregateConfiguration]("UA_AggregateConfiguration", 948, 950)
	TypeAggregateFilter                       = structType[AggregateFilter]("UA_AggregateFilter", 728, 730)
	TypeEventFilterResult                     = structType[EventFilterResult]("UA_EventFilterResult", 734, 736)
	TypeMonitoringParameters                  = structType[MonitoringParameters]("UA_MonitoringParameters", 740, 742)
	TypeMonitoredItemCreateRequest            = structType[MonitoredItemCreateRequest]("UA_MonitoredItemCreateRequest", 743, 745)
	TypeMonitoredItemCreateResult             = structType[MonitoredItemCreateResult]("UA_MonitoredItemCreateResult", 746, 748)
	TypeCreateMonitoredItemsRequest           = structType[CreateMonitoredItemsRequest]("UA_CreateMonitoredItemsRequest", 749, 751)
	TypeCreateMonitoredItemsResponse          = structType[CreateMonitoredItemsResponse]("UA_CreateMonitoredItemsResponse", 752, 754)
	TypeMonitoredItemModifyRequest            = structType[MonitoredItemModifyRequest]("UA_MonitoredItemModifyRequest", 755, 757)
	TypeMonitoredItemModifyResult             = structType[MonitoredItemModifyResult]("UA_MonitoredItemModifyResult", 758, 760)
	TypeModifyMonitoredItemsRequest           = structType[ModifyMonitoredItemsRequest]("UA_ModifyMonitoredItemsRequest", 761, 763)
	TypeModifyMonitoredItemsResponse          = structType[ModifyMonitoredItemsResponse]("UA_ModifyMonitoredItemsResponse", 764, 766)
	TypeSetMonitoringModeRequest              = structType[SetMonitoringModeRequest]("UA_SetMonitoringModeRequest", 767, 769)
	TypeSetMonitoringModeResponse             = structType[SetMonitoringModeResponse]("UA_SetMonitoringModeResponse", 770, 772)
	TypeSetTriggeringRequest                  = structType[SetTriggeringRequest]("UA_SetTriggeringRequest", 773, 775)
	TypeSetTriggeringResponse                 = structType[SetTriggeringResponse]("UA_SetTriggeringResponse", 776, 778)
	TypeDeleteMonitoredItemsRequest           = structType[DeleteMonitoredItemsRequest]("UA_DeleteMonitoredItemsRequest", 779, 781)
	TypeDeleteMonitoredItemsResponse          = structType[DeleteMonitoredItemsResponse]("UA_DeleteMonitoredItemsResponse", 782, 784)
	TypeCreateSubscriptionRequest             = structType[CreateSubscriptionRequest]("UA_CreateSubscriptionRequest", 785, 787)
	TypeCreateSubscriptionResponse            = structType[CreateSubscriptionResponse]("UA_CreateSubscriptionResponse", 788, 790)
	TypeModifySubscriptionRequest             = structType[ModifySubscriptionRequest]("UA_ModifySubscriptionRequest", 791, 793)
	TypeModifySubscriptionResponse            = structType[ModifySubscriptionResponse]("UA_ModifySubscriptionResponse", 794, 796)
	TypeSetPublishingModeRequest              = structType[SetPublishingModeRequest]("UA_SetPublishingModeRequest", 797, 799)
	TypeSetPublishingModeResponse             = structType[SetPublishingModeResponse]("UA_SetPublishingModeResponse", 800, 802)
	TypeNotificationMessage                   = structType[NotificationMessage]("UA_NotificationMessage", 803, 805)
	TypeMonitoredItemNotification             = structType[MonitoredItemNotification]("UA_MonitoredItemNotification", 806, 808)
	TypeEventFieldList                        = structType[EventFieldList]("UA_EventFieldList", 917, 919)
	TypeStatusChangeNotification              = structType[StatusChangeNotification]("UA_StatusChangeNotification", 818, 820)
	TypeSubscriptionAcknowledgement           = structType[SubscriptionAcknowledgement]("UA_SubscriptionAcknowledgement", 821, 823)
	TypePublishRequest                        = structType[PublishRequest]("UA_PublishRequest", 824, 826)
	TypePublishResponse                       = structType[PublishResponse]("UA_PublishResponse", 827, 829)
	TypeRepublishRequest                      = structType[RepublishRequest]("UA_RepublishRequest", 830, 832)
	TypeRepublishResponse                     = structType[RepublishResponse]("UA_RepublishResponse", 833, 835)
	TypeTransferResult                        = structType[TransferResult]("UA_TransferResult", 836, 838)
	TypeTransferSubscriptionsRequest          = structType[TransferSubscriptionsRequest]("UA_TransferSubscriptionsRequest", 839, 841)
	TypeTransferSubscriptionsResponse         = structType[TransferSubscriptionsResponse]("UA_TransferSubscriptionsResponse", 842, 844)
	TypeDeleteSubscriptionsRequest            = structType[DeleteSubscriptionsRequest]("UA_DeleteSubscriptionsRequest", 845, 847)
	TypeDeleteSubscriptionsResponse           = structType[DeleteSubscriptionsResponse]("UA_DeleteSubscriptionsResponse", 848, 850)
	TypeBuildInfo                             = structType[BuildInfo]("UA_BuildInfo", 338, 340)
	TypeRedundancySupport                     = enumType("UA_RedundancySupport", 851)
	TypeServerState                           = enumType("UA_ServerState", 852)
	TypeServerDiagnosticsSummaryDataType      = structType[ServerDiagnosticsSummaryDataType]("UA_ServerDiagnosticsSummaryDataType", 859, 861)
	TypeServerStatusDataType                  = structType[ServerStatusDataType]("UA_ServerStatusDataType", 862, 864)
	TypeRange                                 = structType[Range]("UA_Range", 884, 886)
	TypeEUInformation                         = structType[EUInformation]("UA_EUInformation", 887, 889)
	TypeAxisScaleEnumeration                  = enumType("UA_AxisScaleEnumeration", 12077)
	TypeComplexNumberType                     = structType[ComplexNumberType]("UA_ComplexNumberType", 12171, 12181)
	TypeDoubleComplexNumberType               = structType[DoubleComplexNumberType]("UA_DoubleComplexNumberType", 12172, 12182)
	TypeAxisInformation                       = structType[AxisInformation]("UA_AxisInformation", 12079, 12089)
	TypeXVType                                = structType[XVType]("UA_XVType", 12080, 12090)
	TypeDataChangeNotification                = structType[DataChangeNotification]("UA_DataChangeNotification", 809, 811)
	TypeEventNotificationList                 = structType[EventNotificationList]("UA_EventNotificationList", 914, 916)
)

// structTypes are the types that an extension object can hold decoded.
var structTypes = [...]*DataType{
	TypeArgument, TypeEnumValueType, TypeTimeZoneDataType, TypeApplicationDescription,
	TypeRequestHeader, TypeResponseHeader, TypeServiceFault, TypeFindServersRequest,
	TypeFindServersResponse, TypeServerOnNetwork, TypeFindServersOnNetworkRequest, TypeFindServersOnNetworkResponse,
	TypeUserTokenPolicy, TypeEndpointDescription, TypeGetEndpointsRequest, TypeGetEndpointsResponse,
	TypeRegisteredServer, TypeRegisterServerRequest, TypeRegisterServerResponse, TypeDiscoveryConfiguration,
	TypeMdnsDiscoveryConfiguration, TypeRegisterServer2Request, TypeRegisterServer2Response, TypeChannelSecurityToken,
	TypeOpenSecureChannelRequest, TypeOpenSecureChannelResponse, TypeCloseSecureChannelRequest, TypeCloseSecureChannelResponse,
	TypeSignedSoftwareCertificate, TypeSignatureData, TypeCreateSessionRequest, TypeCreateSessionResponse,
	TypeUserIdentityToken, TypeAnonymousIdentityToken, TypeUserNameIdentityToken, TypeX509IdentityToken,
	TypeIssuedIdentityToken, TypeActivateSessionRequest, TypeActivateSessionResponse, TypeCloseSessionRequest,
	TypeCloseSessionResponse, TypeNodeAttributes, TypeObjectAttributes, TypeVariableAttributes,
	TypeMethodAttributes, TypeObjectTypeAttributes, TypeVariableTypeAttributes, TypeReferenceTypeAttributes,
	TypeDataTypeAttributes, TypeViewAttributes, TypeAddNodesItem, TypeAddNodesResult,
	TypeAddNodesRequest, TypeAddNodesResponse, TypeAddReferencesItem, TypeAddReferencesRequest,
	TypeAddReferencesResponse, TypeDeleteNodesItem, TypeDeleteNodesRequest, TypeDeleteNodesResponse,
	TypeDeleteReferencesItem, TypeDeleteReferencesRequest, TypeDeleteReferencesResponse, TypeViewDescription,
	TypeBrowseDescription, TypeReferenceDescription, TypeBrowseResult, TypeBrowseRequest,
	TypeBrowseResponse, TypeBrowseNextRequest, TypeBrowseNextResponse, TypeRelativePathElement,
	TypeRelativePath, TypeBrowsePath, TypeBrowsePathTarget, TypeBrowsePathResult,
	TypeTranslateBrowsePathsToNodeIDsRequest, TypeTranslateBrowsePathsToNodeIDsResponse, TypeRegisterNodesRequest, TypeRegisterNodesResponse,
	TypeUnregisterNodesRequest, TypeUnregisterNodesResponse, TypeContentFilterElement, TypeContentFilter,
	TypeFilterOperand, TypeElementOperand, TypeLiteralOperand, TypeAttributeOperand,
	TypeSimpleAttributeOperand, TypeContentFilterElementResult, TypeContentFilterResult, TypeReadValueID,
	TypeReadRequest, TypeReadResponse, TypeWriteValue, TypeWriteRequest,
	TypeWriteResponse, TypeCallMethodRequest, TypeCallMethodResult, TypeCallRequest,
	TypeCallResponse, TypeDataChangeFilter, TypeEventFilter, TypeAggregateConfiguration,
	TypeAggregateFilter, TypeEventFilterResult, TypeMonitoringParameters, TypeMonitoredItemCreateRequest,
	TypeMonitoredItemCreateResult, TypeCreateMonitoredItemsRequest, TypeCreateMonitoredItemsResponse, TypeMonitoredItemModifyRequest,
	TypeMonitoredItemModifyResult, TypeModifyMonitoredItemsRequest, TypeModifyMonitoredItemsResponse, TypeSetMonitoringModeRequest,
	TypeSetMonitoringModeResponse, TypeSetTriggeringRequest, TypeSetTriggeringResponse, TypeDeleteMonitoredItemsRequest,
	TypeDeleteMonitoredItemsResponse, TypeCreateSubscriptionRequest, TypeCreateSubscriptionResponse, TypeModifySubscriptionRequest,
	TypeModifySubscriptionResponse, TypeSetPublishingModeRequest, TypeSetPublishingModeResponse, TypeNotificationMessage,
	TypeMonitoredItemNotification, TypeEventFieldList, TypeStatusChangeNotification, TypeSubscriptionAcknowledgement,
	TypePublishRequest, TypePublishResponse, TypeRepublishRequest, TypeRepublishResponse,
	TypeTransferResult, TypeTransferSubscriptionsRequest, TypeTransferSubscriptionsResponse, TypeDeleteSubscriptionsRequest,
	TypeDeleteSubscriptionsResponse, TypeBuildInfo, TypeServerDiagnosticsSummaryDataType, TypeServerStatusDataType,
	TypeRange, TypeEUInformation, TypeComplexNumberType, TypeDoubleComplexNumberType,
	TypeAxisInformation, TypeXVType, TypeDataChangeNotification, TypeEventNotificationList,
}
