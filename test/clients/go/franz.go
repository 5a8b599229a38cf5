package main

import (
	"context"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

const patience = 30 * time.Second

type franz struct{}

var franzCodecs = map[string]kgo.CompressionCodec{
	"none": kgo.NoCompression(), "gzip": kgo.GzipCompression(), "snappy": kgo.SnappyCompression(),
	"lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression()}

var franzAcks = map[string]kgo.Acks{"0": kgo.NoAck(), "1": kgo.LeaderAck(), "all": kgo.AllISRAcks()}

func (franz) Produce(request Request) (Reply, error) {
	options := []kgo.Opt{
		kgo.SeedBrokers(request.Bootstrap), kgo.RequiredAcks(franzAcks[request.Acks]),
		kgo.ProducerBatchCompression(franzCodecs[request.Codec]), kgo.RecordPartitioner(kgo.ManualPartitioner())}
	if !request.Idempotent {
		options = append(options, kgo.DisableIdempotentWrite())
	}
	client, err := kgo.NewClient(options...)
	if err != nil {
		return Reply{}, err
	}
	defer client.Close()
	records := make([]*kgo.Record, 0, len(request.Records))
	for _, each := range request.Records {
		record := &kgo.Record{Topic: request.Topic, Partition: each.Partition, Key: bytesOf(each.Key),
			Value: bytesOf(each.Value), Timestamp: time.UnixMilli(each.Time)}
		for _, header := range each.Headers {
			record.Headers = append(record.Headers, kgo.RecordHeader{Key: header.Name, Value: bytesOf(header.Value)})
		}
		records = append(records, record)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	results := client.ProduceSync(ctx, records...)
	if err := results.FirstErr(); err != nil {
		return Reply{}, err
	}
	var reply Reply
	for _, record := range records {
		reply.Offsets = append(reply.Offsets, record.Offset)
	}
	return reply, nil
}

func (franz) Consume(request Request) (Reply, error) {
	isolation := kgo.ReadUncommitted()
	if request.Committed {
		isolation = kgo.ReadCommitted()
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(request.Bootstrap), kgo.FetchIsolationLevel(isolation),
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{
			request.Topic: {request.Partition: kgo.NewOffset().AtStart()}}))
	if err != nil {
		return Reply{}, err
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var reply Reply
	for len(reply.Records) < request.Count {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return Reply{}, err
		}
		fetches.EachRecord(func(record *kgo.Record) {
			told := Record{Partition: record.Partition, Offset: record.Offset, Key: partOf(record.Key),
				Value: partOf(record.Value), Time: record.Timestamp.UnixMilli(), Headers: []HeaderOfBytes{}}
			for _, header := range record.Headers {
				told.Headers = append(told.Headers, HeaderOfBytes{header.Key, partOf(header.Value)})
			}
			reply.Records = append(reply.Records, told)
		})
	}
	return reply, nil
}
