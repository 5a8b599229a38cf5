package main

import (
	"errors"
	"time"

	"github.com/IBM/sarama"
)

type saramaClient struct{}

var saramaCodecs = map[string]sarama.CompressionCodec{
	"none": sarama.CompressionNone, "gzip": sarama.CompressionGZIP, "snappy": sarama.CompressionSnappy,
	"lz4": sarama.CompressionLZ4, "zstd": sarama.CompressionZSTD}

var saramaAcks = map[string]sarama.RequiredAcks{
	"0": sarama.NoResponse, "1": sarama.WaitForLocal, "all": sarama.WaitForAll}

// encoder keeps null and empty apart.
func encoder(part *[]byte) sarama.Encoder {
	if part == nil {
		return nil
	}
	return sarama.ByteEncoder(bytesOf(part))
}

func (saramaClient) Produce(request Request) (Reply, error) {
	config := sarama.NewConfig()
	config.Version = sarama.MaxVersion
	config.Producer.RequiredAcks = saramaAcks[request.Acks]
	config.Producer.Compression = saramaCodecs[request.Codec]
	config.Producer.Partitioner = sarama.NewManualPartitioner
	config.Producer.Return.Successes = true
	config.Producer.Idempotent = request.Idempotent
	config.Net.MaxOpenRequests = 1
	producer, err := sarama.NewSyncProducer([]string{request.Bootstrap}, config)
	if err != nil {
		return Reply{}, err
	}
	messages := make([]*sarama.ProducerMessage, 0, len(request.Records))
	for _, each := range request.Records {
		message := &sarama.ProducerMessage{Topic: request.Topic, Partition: each.Partition, Key: encoder(each.Key),
			Value: encoder(each.Value), Timestamp: time.UnixMilli(each.Time)}
		for _, header := range each.Headers {
			message.Headers = append(message.Headers,
				sarama.RecordHeader{Key: []byte(header.Name), Value: bytesOf(header.Value)})
		}
		messages = append(messages, message)
	}
	if err := errors.Join(producer.SendMessages(messages), producer.Close()); err != nil {
		return Reply{}, err
	}
	var reply Reply
	for _, message := range messages {
		reply.Offsets = append(reply.Offsets, message.Offset)
	}
	return reply, nil
}

func (saramaClient) Consume(request Request) (Reply, error) {
	config := sarama.NewConfig()
	config.Version = sarama.MaxVersion
	if request.Committed {
		config.Consumer.IsolationLevel = sarama.ReadCommitted
	}
	consumer, err := sarama.NewConsumer([]string{request.Bootstrap}, config)
	if err != nil {
		return Reply{}, err
	}
	defer consumer.Close()
	partition, err := consumer.ConsumePartition(request.Topic, request.Partition, sarama.OffsetOldest)
	if err != nil {
		return Reply{}, err
	}
	defer partition.Close()
	limit := time.After(patience)
	var reply Reply
	for len(reply.Records) < request.Count {
		select {
		case message := <-partition.Messages():
			told := Record{Partition: message.Partition, Offset: message.Offset, Key: partOf(message.Key),
				Value: partOf(message.Value), Time: message.Timestamp.UnixMilli(), Headers: []HeaderOfBytes{}}
			for _, header := range message.Headers {
				told.Headers = append(told.Headers, HeaderOfBytes{string(header.Key), partOf(header.Value)})
			}
			reply.Records = append(reply.Records, told)
		case <-limit:
			return Reply{}, errors.New("the records did not come")
		}
	}
	return reply, nil
}
