import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { acceptJson } from '@kizuna/service';
import type { FastifyInstance } from 'fastify';

const CLOUD_EVENTS = ['application/cloudevents+json', 'application/cloudevents-batch+json'];

/** Lets CloudEvents in under their own media types, parsed like any JSON here: `__proto__` and the like are refused. */
@Injectable()
export class ContentTypes implements OnModuleInit {
  constructor(private readonly host: HttpAdapterHost) {}

  onModuleInit(): void {
    const fastify = this.host.httpAdapter.getInstance<FastifyInstance>();
    acceptJson(fastify, CLOUD_EVENTS);
  }
}
