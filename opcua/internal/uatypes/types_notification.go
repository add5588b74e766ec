package uatypes

// What a Publish response carries (Part 4, 7.20 and 7.21).

// NotificationMessage is UA_NotificationMessage.
type NotificationMessage struct {
	SequenceNumber   uint32
	PublishTime      int64
	NotificationData Array[ExtensionObject]
}

// Walk implements [Value].
func (x *NotificationMessage) Walk(w *Walker) {
	w.UInt32(&x.SequenceNumber)
	w.Int64(&x.PublishTime)
	visitArray(w, &x.NotificationData, elemExtensionObject())
}

// MonitoredItemNotification is UA_MonitoredItemNotification.
type MonitoredItemNotification struct {
	ClientHandle uint32
	Value        DataValue
}

// Walk implements [Value].
func (x *MonitoredItemNotification) Walk(w *Walker) {
	w.UInt32(&x.ClientHandle)
	w.DataValue(&x.Value)
}

// EventFieldList is UA_EventFieldList.
type EventFieldList struct {
	ClientHandle uint32
	EventFields  Array[Variant]
}

// Walk implements [Value].
func (x *EventFieldList) Walk(w *Walker) {
	w.UInt32(&x.ClientHandle)
	visitArray(w, &x.EventFields, elemVariant())
}

// StatusChangeNotification is UA_StatusChangeNotification.
type StatusChangeNotification struct {
	Status         Status
	DiagnosticInfo DiagnosticInfo
}

// Walk implements [Value].
func (x *StatusChangeNotification) Walk(w *Walker) {
	w.StatusCode(&x.Status)
	w.DiagnosticInfo(&x.DiagnosticInfo)
}

// DataChangeNotification is UA_DataChangeNotification.
type DataChangeNotification struct {
	MonitoredItems  Array[MonitoredItemNotification]
	DiagnosticInfos Array[DiagnosticInfo]
}

// Walk implements [Value].
func (x *DataChangeNotification) Walk(w *Walker) {
	visitArray(w, &x.MonitoredItems, structure[MonitoredItemNotification]("UA_MonitoredItemNotification"))
	visitArray(w, &x.DiagnosticInfos, elemDiagnosticInfo())
}

// EventNotificationList is UA_EventNotificationList.
type EventNotificationList struct {
	Events Array[EventFieldList]
}

// Walk implements [Value].
func (x *EventNotificationList) Walk(w *Walker) {
	visitArray(w, &x.Events, structure[EventFieldList]("UA_EventFieldList"))
}
